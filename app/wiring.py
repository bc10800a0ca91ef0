"""What features lend each other and hand to the web: routes, navigation, keys, tabs. One table each."""

from litestar.handlers import BaseRouteHandler

from app.accounts import pages_account, pages_facilities, pages_glass, pages_people, pages_signing
from app.accounts.audit import pages as audit_pages
from app.accounts.configuration import pages as configuration_pages
from app.advisor import packet as advisor_packet
from app.advisor import queries as advisor
from app.advisor.cards import loans as advisor_loans
from app.advisor.cards import pages as decision_pages
from app.advisor.ladder import pages as ladder_pages
from app.advisor.messages import link_pages as attending_link_pages
from app.advisor.messages import pages as attending_pages
from app.advisor.stay import pages as question_pages
from app.advisor.stay.changes import opinions_since
from app.advisor.talks import pages as talk_pages
from app.census.drg import pages as drg_pages
from app.census.stay import find_pages
from app.census.stay import packet as stay_packet
from app.census.stay import pages as stay_pages
from app.census.stay.head import stay_head
from app.clocks import deadline_pages
from app.clocks.owed import pages as owed_pages
from app.clocks.owed import panel as owed
from app.clocks.settings import line_pages, policy_pages
from app.interop.census_file import pages as census_file_pages
from app.interop.monitor import pages as monitor_pages
from app.interop.monitor.pulse import pulse
from app.interop.payer_files import pages as payer_file_pages
from app.interop.payer_files.pages.lending import sent_files
from app.notices import packet as notice_packet
from app.notices import pages as notice_pages
from app.notices import paper_pages as notice_paper_pages
from app.notices import queries as notices
from app.notices.appeals import pages as appeal_pages
from app.notices.appeals.showing import appeal_fact
from app.notices.forms import pages as notice_form_pages
from app.payers import packet as payer_packet
from app.payers import sending as payer_sending
from app.payers import tab as payer_tab
from app.payers.authorizations import pages as authorization_pages
from app.payers.authorizations.showing import banner_fact as authorization_fact
from app.payers.contacts import items as payer_items
from app.payers.contacts import lent as payer_words
from app.payers.contacts import pages as contact_pages
from app.payers.denials import items as denial_items
from app.payers.denials import source as denial_source
from app.payers.denials.appeals import pages as denial_appeal_pages
from app.payers.denials.paper import pages as denial_packet_pages
from app.payers.denials.paper import section as denial_packet
from app.payers.denials.results import pages as denial_result_pages
from app.payers.denials.stay import pages as denial_pages
from app.payers.denials.stay import tab as denial_tab
from app.payers.directory import pages as payer_pages
from app.payers.since import payer_changes
from app.reviews import brief as review_brief
from app.reviews import packet as review_packet
from app.reviews import queries as reviews
from app.reviews import source as review_source
from app.reviews.certificates import pages as certificate_pages
from app.reviews.exemptions import pages as exemption_pages
from app.reviews.licensed import pages as licensed_pages
from app.reviews.sampling import pages as sampling_pages
from app.reviews.sampling import reading_pages as second_reading_pages
from app.reviews.sets import pages as criteria_pages
from app.reviews.writing import pages as review_pages
from app.reviews.writing import signed_pages as signed_review_pages
from app.reviews.writing.changes import census_changes
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.status import packet as status_packet
from app.status.committee import pages as committee_pages
from app.status.tab import drawing as status_drawing
from app.status.tab import pages as status_pages
from app.web import changes, following, packets, stay
from app.web.frame import KeyHelp, LiveState, NavItem
from app.web.live import PostgresChannels
from app.web.operation.health import healthz, readyz
from app.web.operation.metrics import metrics
from app.web.past import choosing as past_pages
from app.worklists import pages as worklist_pages
from app.worklists.assignment import pages as assignment_pages
from app.worklists.assignment.cover import brief
from app.worklists.assignment.cover import pages as cover_pages
from app.worklists.assignment.cover import pages_stay as takeover_pages
from app.worklists.assignment.lead import overview as distribution_pages
from app.worklists.assignment.rulebook import pages as rule_pages
from app.worklists.days import pages as day_pages
from app.worklists.notes import pages as note_pages
from app.worklists.out import pages as out_pages
from app.worklists.snoozes import pages as snooze_pages
from app.worklists.stay_facts import note_count, owner_fact
from app.worklists.views import following as view_following
from app.worklists.views import pages as view_pages

ROUTES: list[type | BaseRouteHandler] = [
    healthz, readyz, metrics, *worklist_pages.ROUTES, *assignment_pages.ROUTES, *note_pages.ROUTES,
    *stay_pages.ROUTES, *find_pages.ROUTES, *monitor_pages.ROUTES, *pages_glass.ROUTES,
]  # fmt: skip
ROUTES += [*pages_signing.ROUTES, *pages_account.ROUTES, *pages_people.ROUTES, *pages_facilities.ROUTES]
ROUTES += audit_pages.ROUTES
ROUTES += [*deadline_pages.ROUTES, *line_pages.ROUTES, *policy_pages.ROUTES]
ROUTES += owed_pages.ROUTES
ROUTES += census_file_pages.ROUTES
ROUTES += payer_file_pages.ROUTES
ROUTES += [*drg_pages.ROUTES, *configuration_pages.ROUTES]
ROUTES += out_pages.ROUTES
ROUTES += [*past_pages.ROUTES, *view_pages.ROUTES]
ROUTES += [*snooze_pages.ROUTES, *day_pages.ROUTES]
ROUTES += [*distribution_pages.ROUTES, *rule_pages.ROUTES, *cover_pages.ROUTES, *takeover_pages.ROUTES]
ROUTES += [*notice_pages.ROUTES, *appeal_pages.ROUTES, *notice_paper_pages.ROUTES, *notice_form_pages.ROUTES]
ROUTES += [*criteria_pages.ROUTES, *licensed_pages.ROUTES]
ROUTES += [*review_pages.ROUTES, *signed_review_pages.ROUTES, *certificate_pages.ROUTES, *exemption_pages.ROUTES]
ROUTES += [*sampling_pages.ROUTES, *second_reading_pages.ROUTES]
ROUTES += [*decision_pages.ROUTES, *question_pages.ROUTES, *talk_pages.ROUTES, *attending_pages.ROUTES]
ROUTES += [*attending_link_pages.ROUTES, *ladder_pages.ROUTES]
ROUTES += [*payer_tab.ROUTES, *authorization_pages.ROUTES, *contact_pages.ROUTES, *payer_pages.ROUTES]
ROUTES += [*status_pages.ROUTES, *committee_pages.ROUTES]
ROUTES += [*denial_result_pages.ROUTES, *denial_tab.ROUTES, *denial_pages.ROUTES, *denial_appeal_pages.ROUTES]
ROUTES += denial_packet_pages.ROUTES
NAV: list[NavItem] = [
    NavItem("Decisions", "/decisions", Permission.DECIDE),
    NavItem("My day", "/worklists/my-day", Permission.STAY_TAKE, also=("/overnight",)),
    NavItem(
        "Worklists", "/worklists/inpatient", Permission.STAY_LIST, also=("/worklists", "/encounters", "/find", "/as-of")
    ),
    NavItem("Distribution", "/distribution", Permission.STAY_ASSIGN),
    NavItem("Calendar", "/calendar", Permission.STAY_LIST),
    NavItem("Absences", "/absences", Permission.STAY_TAKE),
    NavItem("Day sheets", "/day-sheets", Permission.STAY_LIST),
    NavItem("Interfaces", "/interfaces", Permission.INTERFACE_SEE),
    NavItem("Payer files", "/payer-files", Permission.EXCHANGE_SET),
    NavItem("Census files", "/reconciliation", Permission.CENSUS_REPAIR),
]
NAV += [
    NavItem("People", "/people", Permission.USER_MANAGE),
    NavItem("Facilities", "/facilities", Permission.FACILITY_MANAGE),
    NavItem("Configuration", "/configuration", Permission.CONFIGURATION_SEE),
    NavItem("Audit", "/audit", Permission.AUDIT_SEE),
    NavItem("Deadlines", "/deadlines", Permission.AUDIT_SEE),
    NavItem("Policies", "/policies", Permission.POLICY_SEE),
    NavItem("Payers", "/payers", Permission.ACCOUNT_OWN),
    NavItem("Committee", "/committee", Permission.COMMITTEE_SET),
    NavItem("My results", "/denials/results", Permission.DENIAL_WRITE),
    NavItem("Criteria", "/criteria", Permission.REVIEW_WRITE, also=("/licensed-products", "/review-exemptions")),
    NavItem("Second readings", "/second-readings", Permission.REVIEW_WRITE, also=("/reviews/agreement",)),
]
KEYS: list[KeyHelp] = [
    KeyHelp("j k", "next, previous row"), KeyHelp("Enter", "open the stay"), KeyHelp("o", "look in place"),
    KeyHelp("x", "select"), KeyHelp("v", "saved views"), KeyHelp("w", "save the view"),
    KeyHelp("t", "look back in time"), KeyHelp("g", "back to now"), KeyHelp("n", "note"), KeyHelp("a", "assign"),
    KeyHelp("/", "find a patient"),
    KeyHelp("?", "this list"), KeyHelp("Esc", "close the innermost thing"),
]  # fmt: skip
KEYS.insert(-2, KeyHelp("z", "put aside"))
KEYS.insert(-2, KeyHelp("i", "deliver a notice"))
KEYS.insert(-2, KeyHelp("r", "review"))
KEYS.insert(-2, KeyHelp("c", "payer contact"))
KEYS.append(KeyHelp("Ctrl Enter", "sign"))
KEYS.insert(-2, KeyHelp("u", "refer to a physician"))
KEYS.insert(-2, KeyHelp("1 2 3", "answers of a card"))
TABS = [
    stay.Tab("overview", "Overview", "", looks_back=True),
    stay.Tab("obligations", "Obligations", "/obligations", count=owed.open_count, looks_back=True),
    stay.Tab("timeline", "Timeline", "/timeline", looks_back=True),
    stay.Tab("reviews", "Reviews", "/reviews", count=reviews.open_count, looks_back=True),
    stay.Tab("status", "Status", "/status", looks_back=True),
    stay.Tab("escalations", "Escalations", "/escalations", count=advisor.open_count, looks_back=True),
    stay.Tab("payer", "Payer", "/payer", looks_back=True),
    stay.Tab("denials", "Denials", "/denials", count=denial_tab.open_count, looks_back=True),
    stay.Tab("notices", "Notices", "/notices", count=notices.open_count, looks_back=True),
    stay.Tab("notes", "Notes", "/notes", count=note_count, looks_back=True),
    stay.Tab("places", "Place", "/places", looks_back=True),
    stay.Tab("history", "History", "/history", looks_back=True),
]
# Sections that features add to the hand-off of a stay.
BRIEF: list[stay.BriefSection] = [stay.BriefSection("Owed", owed.brief_lines)]
brief.install(BRIEF)
FACTS: list[stay.Facts] = [authorization_fact, appeal_fact, owner_fact]
CARDS = [stay.OverviewCard("clocks/_overview.html", owed.shortly)]
stay.install(stay_head, TABS, FACTS, CARDS)
# Deeds that one key opens on every part of a stay.
STAY_KEYS = [
    stay.StayKey("r", "Review", "/reviews/new", Permission.REVIEW_WRITE),
    stay.StayKey("u", "Refer to a physician", "/escalations/new", Permission.ESCALATE),
    stay.StayKey("c", "Payer contact", "/payer-contacts/new", Permission.AUTHORIZATION_WRITE),
]
stay.install_keys(STAY_KEYS)
# Parts of the packets about a stay.
PACKETS: list[packets.SectionSource] = [
    stay_packet.sections,
    notice_packet.sections,
    denial_packet.sections,
    review_packet.sections,
    status_packet.sections,
    advisor_packet.sections,
    payer_packet.sections,
]
packets.install(PACKETS)
# Where the record that closes a rule is made, under the address of the stay.
DEEDS: dict[str, owed.Deed] = {}
DEEDS |= {
    rule: owed.Deed("Deliver", f"/notices/new?kind={kind.value}&copy={copy or ''}", Permission.NOTICE_DELIVER)
    for rule, (kind, copy) in notices.OF_RULE.items()
}
DEEDS |= {rule: owed.Deed("Review", "/reviews/new", Permission.REVIEW_WRITE) for rule in review_source.REVIEW_DEEDS}
DEEDS |= {
    rule: owed.Deed("Certify", "/reviews#cert-t", Permission.REVIEW_WRITE) for rule in review_source.CERTIFICATE_DEEDS
}
DEEDS |= {
    rule: owed.Deed("Refer", "/escalations/new", Permission.ESCALATE)
    for rule in ("UR-2ND", "ST-OBS-REVIEW", "MCD-ADM", "PY-P2P")
}
DEEDS |= {
    "ES-ANSWER": owed.Deed("Answer", "/escalations", Permission.DECIDE),
    "ES-P2P": owed.Deed("Record the talk", "/escalations", Permission.DECIDE),
    "ES-ATTENDING": owed.Deed("Record the answer", "/escalations", Permission.ESCALATE),
}
DEEDS |= {
    "PY-NOTIFY": owed.Deed("Ask the payer", "/authorizations/new", Permission.AUTHORIZATION_WRITE),
    "PY-EXTEND": owed.Deed("Ask for days", "/authorizations/new?of=last", Permission.AUTHORIZATION_WRITE),
    "PY-FOLLOW": owed.Deed("Record a contact", "/payer-contacts/new", Permission.AUTHORIZATION_WRITE),
}
DEEDS |= {
    rule: owed.Deed("Record the answer", "/payer-answers/new", Permission.AUTHORIZATION_WRITE)
    for rule in ("PY-72", "PY-7", "PY-ERISA-CC")
}
DEEDS |= {
    "UR-NOTICE": owed.Deed("Record a notice", "/status#case-t", Permission.STATUS_WORK),
    "ST-SELFDENY": owed.Deed("Record the filing", "/status#work-t", Permission.STATUS_WORK),
}
DEEDS |= {
    rule: owed.Deed("Appeal", "/denials", Permission.DENIAL_WRITE) for rule in denial_source.FILING_RULES
}  # fmt: skip
DEEDS |= {"PY-VERIFY": owed.Deed("Verify", "/denials", Permission.DENIAL_WRITE)}
owed.install(DEEDS)
payer_sending.install([sent_files])
# What a card for a physician borrows.
advisor_loans.install(
    advisor_loans.Loans(
        midnights=status_drawing.lent,
        reviews=review_brief.briefs,
        payers=payer_words.last_words,
        talk_effects=payer_words.talk_effects,
    )
)
# What is open with a payer, for whoever has it on the telephone.
PAYER_ITEMS: list[payer_items.PayerItems] = [
    payer_items.open_authorizations,
    payer_items.follow_ups,
    denial_items.open_denials,
]
payer_items.install(PAYER_ITEMS)
# What features know to have changed on a stay, for whoever reviews it again.
CHANGES: list[changes.ChangeSource] = [census_changes, opinions_since, payer_changes]
changes.install(CHANGES)
following.install(view_following.following)


def on_start(backend: PostgresChannels) -> None:
    """Called once when the web application opens."""
    pulse.start(backend.last_message)


def live_state(viewer: Viewer) -> LiveState | None:
    """When the feed of the viewer's facility last said something, from what this process has heard."""
    return pulse.state(viewer)
