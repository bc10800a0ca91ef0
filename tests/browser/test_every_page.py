"""Every page, for people who do not see, see badly, or hold a phone: no fault, nothing beside the screen."""

import uuid
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from playwright.sync_api import Page, expect

from app.payers.authorizations.commands import record_decision, request_authorization
from app.payers.authorizations.forms import AskPayer
from app.payers.contacts.commands import LogContact, log_contact
from app.payers.requests.terms import Action, Decision
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.furnishing import furnish
from tests.browser.journeys import Check, row, stay_of
from tests.browser.visits import (
    FILES_OF_MEASURES,
    Visit,
    of_a_plan,
    of_bookings,
    of_follow_up,
    of_long_term_care,
    of_lost_days,
    of_measures,
    of_questions,
    of_rounds,
    of_the_house,
)
from tests.browser.waiting import sideways
from tests.support.choices import visits_of_vendors
from tests.support.exchange import exchanged
from tests.support.referrals import visits_of_referrals

# Answers that are no page of their own: files, streams, pictures, pieces that lead to their page.
NOT_PAGES = {
    "/vendors/scorecards.csv", "/purchased-services.csv", "/avoidable-days/figures.csv", "/avoidable-days/figures.xlsx",
    "/choice-lists/{list_id:uuid}/paper",
    *FILES_OF_MEASURES,
    "/referral-packets/{referral_packet_id:uuid}",
    "/referral/{referral_key:str}/packet.pdf",
    "/healthz", "/readyz", "/metrics", "/events", "/still-here", "/session-end", "/account/second-factor/qr.svg",
    "/worklists/changes/{mark:int}",
    "/encounters/{encounter_id:uuid}/overview", "/encounters/{encounter_id:uuid}/movements",
    "/encounters/{encounter_id:uuid}/banner", "/worklists/{name:str}/rows/{stay_id:uuid}/more",
    "/deliveries/{delivery_id:uuid}/record", "/reviews/{review_id:uuid}/packet", "/appeal-packets/{packet_id:uuid}",
    "/scans/{scan_id:uuid}", "/notice-forms/{form_id:uuid}/file",
    "/rounds/{unit:str}/board", "/handoffs/{handoff_id:uuid}/packet", "/handoffs/{handoff_id:uuid}/document",
    "/audit/patients/{patient_id:uuid}/out/{kind:str}", "/audit/people/{user_id:uuid}/out/{kind:str}",
    "/sign-in/provider", "/sign-in/provider/return", "/sign-in/provider/out", "/account/provider-proof",
    "/worklists/{name:str}/out/{kind:str}", "/reconciliation/files/{file_id:int}/comparison",
}  # fmt: skip
# Pages that lead elsewhere at once for somebody who is signed in.
LEAD_ON = {"/", "/worklists", "/audit/patients", "/audit/people", "/disclosures/patients"}
USED_MOST = {"/sign-in", "/worklists/{name:str}", "/encounters/{encounter_id:uuid}", "/find", "/interfaces"}


OF_LISTS = [
    Visit("/worklists/{name:str}/views", "lee", "/worklists/inpatient/views"),
    Visit("/as-of", "dana", "/as-of?back=/worklists/inpatient&day=2099-01-01"),
]
OF_CLOCKS = [
    Visit("/calendar", "dana", "/calendar"),
    Visit("/deadlines", "dana", "/deadlines"),
    Visit("/payers/lines", "lee", "/payers/lines"),
    Visit("/payers", "uma", "/payers"),
    Visit("/payers/{payer_code:str}", "lee", "/payers/KEST"),
    Visit("/policies", "uma", "/policies"),
    Visit("/policies/{setting_id:str}", "dora", "/policies/PY-NOTIFY"),
]


def visits(site: Site) -> list[Visit]:
    """One visit for every page of the program."""
    stay, hidden, patient = stay_of("V2"), stay_of("V4"), patient_of("V2")
    adam = site.world.user["adam"]
    encounter = "/encounters/{encounter_id:uuid}"
    return [
        Visit("/sign-in", "", "/sign-in"),
        Visit("/account", "dana", "/account"),
        Visit("/account/password", "dana", "/account/password"),
        Visit("/account/recovery-codes", "dana", "/account/recovery-codes"),
        *OF_CLOCKS,
        Visit("/encounters/{encounter_id:uuid}/obligations", "dana", f"/encounters/{stay}/obligations"),
        Visit("/account/second-factor", "dana", "/account/second-factor"),
        Visit("/worklists/{name:str}", "lee", f"/worklists/inpatient?open={stay}"),
        Visit("/worklists/{name:str}", "dana", "/worklists/observation"),
        Visit("/worklists/{name:str}", "dana", "/worklists/inpatient?unit=OBS&flag=away"),
        Visit("/worklists/{name:str}/rows", "dana", f"/worklists/inpatient/rows?id={stay}"),
        Visit(encounter, "lee", f"/encounters/{stay}"),
        Visit(f"{encounter}/glass", "dana", f"/encounters/{hidden}/glass"),
        Visit(f"{encounter}/timeline", "dana", f"/encounters/{stay}/timeline"),
        Visit(f"{encounter}/history", "priya", f"/encounters/{stay}/history"),
        Visit("/encounters/{stay_id:uuid}/notes", "dana", f"/encounters/{stay}/notes"),
        Visit("/encounters/{stay_id:uuid}/assignment", "lee", f"/encounters/{stay}/assignment"),
        *visits_of_leads(),
        Visit("/encounters/{stay_id:uuid}/assignment", "uma", f"/encounters/{stay}/assignment"),
        *of_a_day(stay),
        *OF_LISTS,
        *of_payers(site, stay),
        *of_lost_days(site),
        *of_measures(site),
        *of_follow_up(site),
        *of_long_term_care(site),
        *of_the_ledger(stay),
        *(Visit(*one) for one in visits_of_vendors(site.world, stay)),
        *(Visit(*one) for one in visits_of_referrals(stay)),
        *of_bookings(site, stay),
        Visit("/find", "dana", "/find"),
        Visit("/interfaces", "adam", "/interfaces"),
        Visit("/reconciliation", "lee", "/reconciliation"),
        Visit("/reconciliation/files/{file_id:int}", "lee", "/reconciliation/files/1"),
        Visit("/reconciliation/uploads/{upload_id:uuid}", "lee", f"/reconciliation/uploads/{upload_of('lee')}"),
        Visit("/facilities/{code:str}/census-file", "adam", "/facilities/NORTH/census-file"),
        Visit("/interfaces/messages/{message_id:int}", "adam", "/interfaces/messages/7"),
        *of_the_house(site, patient),
        Visit("/no-such-page", "dana", "/nowhere"),
        Visit("", "dana", f"/people/{adam}"),
    ]


def of_exchange(site: Site) -> list[Visit]:
    """A request that was sent, and an answer that matches nothing."""
    with reading(everywhere("test")) as view:
        key, payer = view.one(
            lambda *row: row, "select id, coalesce(nullif(payer_code, ''), payer_name) from payer_authorization limit 1"
        )
    made = exchanged(site.world, key, payer)
    return [
        Visit("/payer-files", "lee", "/payer-files"),
        Visit("/payer-files/settings", "lee", f"/payer-files/settings?payer={payer}"),
        Visit("/payer-files/send", "uma", f"/payer-files/send?authorization={key}"),
        Visit("/payer-files/out/{out_id:uuid}", "uma", f"/payer-files/out/{made['out_id']}"),
        Visit("/payer-files/in/{payer_file_id:uuid}", "lee", f"/payer-files/in/{made['payer_file_id']}"),
    ]


def of_payers(site: Site, stay: uuid.UUID) -> list[Visit]:
    """What was asked of a payer and answered, and a contact with it, made for the visit."""
    encounter = "/encounters/{stay_id:uuid}"
    today = now().date()
    with begin(everywhere("test")) as work:
        wish = AskPayer(first_day=today, last_day=today + timedelta(days=1), message="Pneumonia, oxygen")
        asked = request_authorization(work, stay, wish)
        given = record_decision(work, asked.authorization_id, Decision(action=Action.MODIFIED, quantity=1))
        said = LogContact(said="They wait for the scan", follow_on=today + timedelta(days=2))
        contact = log_contact(work, stay, said)
    return [
        Visit(f"{encounter}/payer", "uma", f"/encounters/{stay}/payer"),
        Visit(f"{encounter}/authorizations/new", "uma", f"/encounters/{stay}/authorizations/new?of=last"),
        Visit(f"{encounter}/payer-answers/new", "uma", f"/encounters/{stay}/payer-answers/new"),
        Visit(f"{encounter}/payer-contacts/new", "uma", f"/encounters/{stay}/payer-contacts/new"),
        Visit("/payer-requests/{request_id:uuid}/amendment", "uma", f"/payer-requests/{asked.request_id}/amendment"),
        Visit("/payer-answers/{decision_id:uuid}/amendment", "uma", f"/payer-answers/{given.decision_id}/amendment"),
        Visit("/payer-contacts/{contact_id:uuid}/amendment", "uma", f"/payer-contacts/{contact.contact_id}/amendment"),
        Visit("/payers/{payer_code:str}/open", "uma", "/payers/KEST/open"),
        *of_exchange(site),
        *of_denials(stay),
    ]


def of_denials(stay: uuid.UUID) -> list[Visit]:
    """The denial that the payer's answer left behind."""
    denial = one_of("denial", "denial_id")
    return [
        Visit("/encounters/{stay_id:uuid}/denials", "uma", f"/encounters/{stay}/denials"),
        Visit("/encounters/{stay_id:uuid}/denials/new", "uma", f"/encounters/{stay}/denials/new"),
        Visit("/denials/{denial_id:uuid}", "uma", f"/denials/{denial}"),
        Visit("/denials/{denial_id:uuid}/amendment", "uma", f"/denials/{denial}/amendment"),
        Visit("/denials/{denial_id:uuid}/packets/new", "uma", f"/denials/{denial}/packets/new"),
        Visit("/denials/results", "uma", "/denials/results"),
        Visit("/worklists/{name:str}", "uma", "/worklists/denials"),
    ]


def of_the_ledger(stay: uuid.UUID) -> list[Visit]:
    """Every midnight of a stay, of a unit, of the whole house; the census of a unit."""
    days = "/encounters/{stay_id:uuid}/days"
    return [
        Visit(days, "dana", f"/encounters/{stay}/days"),
        Visit(days, "aud", f"/encounters/{stay}/days"),
        Visit("/encounters/{stay_id:uuid}/ledger", "dana", f"/encounters/{stay}/ledger"),
        Visit("/ledger", "dana", "/ledger"),
        Visit("/ledger", "uma", "/ledger?unit=all&lane=necessary"),
        Visit("/ledger", "lee", "/ledger?unit=OBS&whom=window&order=bed"),
    ]


def visits_of_leads() -> list[Visit]:
    """How stays are shared out."""
    return [
        Visit("/distribution", "lee", "/distribution"),
        Visit("/distribution/rules", "lee", "/distribution/rules"),
        Visit("/distribution/rules/new", "lee", "/distribution/rules/new"),
        Visit("/distribution/rules/{rule_id:uuid}", "lee", f"/distribution/rules/{one_of('assignment_rule')}"),
        Visit("/distribution/minutes", "lee", "/distribution/minutes"),
        Visit("/distribution/balance", "lee", "/distribution/balance"),
        Visit("/absences", "dana", "/absences"),
        Visit("/absences", "lee", "/absences"),
        Visit("/absences/{absence_id:uuid}", "lee", f"/absences/{one_of('absence')}"),
        Visit("/absences/{absence_id:uuid}/brief", "lee", f"/absences/{one_of('absence')}/brief"),
    ]


def of_notices(stay: uuid.UUID) -> list[Visit]:
    """What is owed and delivered in notices."""
    with reading(everywhere("test")) as db:
        delivery = db.value("select delivery_id from notice_delivery where encounter_id = %s", (stay,))
    return [
        Visit("/encounters/{stay_id:uuid}/notices", "dana", f"/encounters/{stay}/notices"),
        Visit("/encounters/{stay_id:uuid}/notices/new", "dana", f"/encounters/{stay}/notices/new?kind=MOON"),
        Visit("/deliveries/{delivery_id:uuid}/amendment", "dana", f"/deliveries/{delivery}/amendment"),
        Visit("/notice-forms", "lee", "/notice-forms"),
    ]


def of_reviews(stay: uuid.UUID) -> list[Visit]:
    """Reviews of a stay: the tab, the form in its shapes, one that is signed, its amendment."""
    with reading(everywhere("test")) as db:
        review = db.value("select review_id from review where encounter_id = %s", (stay,))
    new = f"/encounters/{stay}/reviews/new"
    return [
        Visit("/worklists/{name:str}", "uma", "/worklists/reviews-due"),
        Visit("/encounters/{stay_id:uuid}/reviews", "uma", f"/encounters/{stay}/reviews"),
        Visit("/encounters/{stay_id:uuid}/reviews/new", "uma", new),
        Visit("/encounters/{stay_id:uuid}/reviews/new", "uma", f"{new}?criteria=licensed"),
        Visit("/encounters/{stay_id:uuid}/reviews/new", "uma", f"{new}?kind=admission&criteria=aep_admission%202"),
        Visit("/review-exemptions", "lee", "/review-exemptions"),
        *of_second_readings(),
        Visit("/reviews/{review_id:uuid}", "uma", f"/reviews/{review}"),
        Visit("/reviews/{review_id:uuid}/amendment", "uma", f"/reviews/{review}/amendment"),
    ]


def of_second_readings() -> list[Visit]:
    """Samples, a reading that is open, and the pair of one that is signed."""
    with reading(everywhere("test")) as db:
        sample = db.value("select id from review_sample")
        read = db.value("select sampled_id from second_reading")
        taken = db.value("select sampled_id from second_reading_claim where ended_at is null")
    return [
        Visit("/reviews/agreement", "lee", "/reviews/agreement"),
        Visit("/reviews/agreement/draws/{sample_id:uuid}", "lee", f"/reviews/agreement/draws/{sample}"),
        Visit("/reviews/agreement/pairs", "lee", "/reviews/agreement/pairs"),
        Visit("/second-readings", "uma", "/second-readings"),
        Visit("/second-readings/{sampled_id:uuid}", "uma", f"/second-readings/{taken}"),
        Visit("/second-readings/{sampled_id:uuid}", "lee", f"/second-readings/{read}"),
    ]


def of_criteria() -> list[Visit]:
    """Criteria sets and licensed products."""
    return [
        Visit("/criteria", "uma", "/criteria"),
        Visit("/criteria/{set_id:str}/{version:str}", "uma", "/criteria/aep_day/2"),
        Visit("/criteria/new", "lee", "/criteria/new?like=aep_admission/2"),
        Visit("/licensed-products", "lee", "/licensed-products"),
    ]


def upload_of(name: str) -> uuid.UUID:
    with reading(everywhere("test")) as db:
        query = "select c.id from census_upload c join app_user u on u.id = c.user_id where u.name = %s"
        found: uuid.UUID = db.value(query, (name,))
    return found


def of_a_day(stay: uuid.UUID) -> list[Visit]:
    """The pages of a day."""
    return [
        Visit("/worklists/{name:str}", "dana", "/worklists/my-day"),
        Visit("/encounters/{stay_id:uuid}/snooze", "dana", f"/encounters/{stay}/snooze"),
        Visit("/encounters/{stay_id:uuid}/places", "dana", f"/encounters/{stay}/places"),
        Visit("/day-sheets", "lee", "/day-sheets"),
        Visit("/overnight", "dana", "/overnight"),
        *of_notices(stay),
        *of_reviews(stay),
        *of_criteria(),
        *of_questions(stay),
        *of_a_plan(stay),
        *of_rounds(stay),
    ]


def patient_of(visit: str) -> uuid.UUID:
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value("select patient_id from encounter where visit_number = %s", (visit,))
    return found


def one_of(table: str, column: str = "id") -> uuid.UUID:
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value(f"select {column} from {table}")
    return found


@pytest.fixture
def furnished(site: Site) -> Site:
    return furnish(site)


def test_no_page_is_left_out(furnished: Site, app: Litestar) -> None:
    """A new route must get its visit here, or a reason why it is no page."""
    pages = {
        route.path
        for route in app.routes
        if isinstance(route, HTTPRoute) and "GET" in route.methods and not route.path.startswith("/static/")
    }
    visited = {visit.route for visit in visits(furnished)} - {""}

    assert visited <= pages, f"no such route: {visited - pages}"
    assert pages - visited - NOT_PAGES - LEAD_ON == {"/set-up"}, "a page that nobody looks at"


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(DESKTOP, "light"), (PHONE, "light"), (DESKTOP, "dark"), (PHONE, "dark")],
    ids=["desk", "phone", "dark desk", "dark phone"],
)
def test_pages_have_no_accessibility_fault(
    furnished: Site, violations: Check, size: tuple[int, int], scheme: str
) -> None:
    faults: list[str] = []
    opened: dict[str, Page] = {}
    # Colours depend on the scheme and room on the size: both at once are looked at on the pages used most.
    looked_at = [one for one in visits(furnished) if (size, scheme) != (PHONE, "dark") or one.route in USED_MOST]
    for visit in looked_at:
        page = opened.get(visit.who)
        if page is None:
            page = opened[visit.who] = furnished.open(visit.who, visit.path, size, color_scheme=scheme)
        else:
            page.goto(visit.path)
        faults += [f"{visit.path}: {fault}" for fault in violations(page)]
        if beyond := sideways(page):
            faults.append(f"{visit.path}: {beyond} px beside the screen")

    assert faults == []
    assert len(looked_at) >= len(USED_MOST)


def test_list_on_paper_shows_rows_and_nothing_to_press(furnished: Site) -> None:
    page = furnished.open("lee", "/worklists/inpatient")
    page.emulate_media(media="print")

    expect(row(page, "BIRCH").locator(".c-pt")).to_be_visible()
    expect(row(page, "BIRCH").get_by_text("Daughter brings the papers").first).to_be_visible()
    for hidden in (".topbar", ".lists", ".filters", ".c-sel", ".c-exp", ".head .btn"):
        expect(page.locator(hidden).first, hidden).to_be_hidden()
    expect(page.locator(".wl tfoot").get_by_text("Printed by Lee Hartono")).to_be_visible()
