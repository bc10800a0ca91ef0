"""The trail in words: pages by what they show instead of by their address, people by their names."""

import re

# By the pattern of the address, whatever its parts are called; a page that is not here is shown by its address.
PAGES = {
    "/worklists/{}": "list of stays",
    "/worklists/{}/rows": "rows of a list, brought up to date",
    "/worklists/{}/rows/{}/more": "stay in its row",
    "/worklists/{}/out/{}": "list as a file",
    "/worklists/{}/prints": "list on paper",
    "/encounters/{}": "stay",
    "/encounters/{}/overview": "stay, brought up to date",
    "/encounters/{}/banner": "head of the stay, brought up to date",
    "/encounters/{}/timeline": "timeline of the stay",
    "/encounters/{}/movements": "timeline of the stay, brought up to date",
    "/encounters/{}/history": "history of the stay",
    "/encounters/{}/notes": "notes of the stay",
    "/encounters/{}/assignment": "owner of the stay",
    "/encounters/{}/sensitivity": "protection of the stay",
    "/encounters/{}/places": "place of the stay on lists",
    "/encounters/{}/snooze": "putting the stay aside",
    "/snoozes/{}/reversal": "putting the stay aside",
    "/encounters/{}/obligations": "deadlines of the stay",
    "/encounters/{}/notices": "notices of the stay",
    "/encounters/{}/notices/new": "delivery of a notice",
    "/deliveries/{}/record": "record of a delivery",
    "/scans/{}": "scanned notice",
    "/calendar": "deadlines by day",
    "/day-sheets": "day sheet",
    "/overnight": "what happened overnight",
    "/notes/{}/versions": "notes of the stay",
    "/notes/{}/strike-out": "notes of the stay",
    "/notes/{}/pin": "notes of the stay",
    "/distribution/balance": "proposal to even out the work",
    "/absences/{}": "split of an absent colleague's stays",
    "/absences/{}/brief": "hand-off brief",
    "/encounters/{}/takeover": "owner of the stay",
    "/find": "search for a patient",
    "/interfaces": "interfaces",
    "/interfaces/messages/{}": "text of a message",
    "/interfaces/messages/{}/replays": "text of a message",
    "/audit": "audit",
    "/audit/glass": "broken glass",
    "/audit/patients": "trail of a patient",
    "/audit/patients/{}": "trail of a patient",
    "/audit/people/{}": "trail of a person",
}
# Records with their forms: whatever stands below such an address shows the same.
RECORDS = {
    "/encounters/{}/reviews": "reviews of the stay",
    "/encounters/{}/certifications": "reviews of the stay",
    "/reviews/{}": "review",
    "/reviews/agreement/draws/{}": "reviews to be read twice",
    "/reviews/agreement/pairs": "readings beside each other",
    "/second-readings": "second reading of a review",
    "/review-drafts/{}": "reviews of the stay",
    "/certifications/{}": "reviews of the stay",
    "/encounters/{}/status": "status of the stay",
    "/encounters/{}/care-team": "status of the stay",
    "/encounters/{}/claim-statements": "status of the stay",
    "/encounters/{}/determinations": "status of the stay",
    "/encounters/{}/expectation": "status of the stay",
    "/encounters/{}/status-changes": "status of the stay",
    "/determinations/{}": "status of the stay",
    "/status-changes/{}": "status of the stay",
    "/status-records/{}": "status of the stay",
    "/decisions": "questions for physicians",
    "/encounters/{}/escalations": "questions about the stay",
    "/encounters/{}/attending-messages": "questions about the stay",
    "/escalations/{}": "questions about the stay",
    "/attending-messages/{}": "questions about the stay",
    "/peer-slots/{}": "questions about the stay",
    "/encounters/{}/payer": "payer's part of the stay",
    "/encounters/{}/authorizations": "request to the payer",
    "/encounters/{}/payer-answers": "answer of the payer",
    "/encounters/{}/payer-contacts": "contact with the payer",
    "/authorizations/{}": "request to the payer",
    "/payer-requests/{}": "request to the payer",
    "/payer-answers/{}": "answer of the payer",
    "/payer-contacts/{}": "contact with the payer",
    "/payers/{}/open": "what is open with a payer",
    "/payer-files/in": "file of a payer",
    "/payer-files/items/{}": "file of a payer",
    "/payer-files/out/{}": "file for a payer",
    "/payer-files/send": "file for a payer",
    "/encounters/{}/denials": "denials of the stay",
    "/denials/results": "how denials ended",
    "/denials/{}": "denial",
    "/denial-appeals/{}": "denial",
    "/appeal-packets/{}": "packet for an appeal",
}
PROGRAMS = {
    "adt": "patient-movement feed",
    "sign-in": "sign-in page",
    "demo": "demonstration",
    "import": "import of files",
    "backup": "backup",
    "restore": "restore",
    "drg": "DRG tables",
}


def page_words(route: str) -> str:
    """What a page shows, by method and pattern of its address as the trail keeps them."""
    path = re.sub(r"\{[^}]*\}", "{}", route.partition(" ")[2])
    if path in PAGES:
        return PAGES[path]
    while path and path not in RECORDS:
        path = path.rpartition("/")[0]
    return RECORDS.get(path, route)


def event_words(name: str) -> str:
    """An event's name as words."""
    return name.replace(".", " ").replace("_", " ")
