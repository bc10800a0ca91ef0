"""Every page, for people who do not see, see badly, or hold a phone: no fault, nothing beside the screen."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from playwright.sync_api import Page

from app.advisor.messages.commands import make_link
from app.census.stay.marks import MarkStay, mark_stay
from app.clocks.terms import NoticeKind
from app.kernel.days import local_day
from app.notices.appeals.commands import AskAppeal, ask_appeal
from app.notices.commands import DeliverNotice, deliver_notice
from app.notices.terms import Receipt
from app.payers.authorizations.commands import record_decision, request_authorization
from app.payers.authorizations.forms import AskPayer
from app.payers.contacts.commands import LogContact, log_contact
from app.payers.requests.terms import Action, Decision
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from app.reviews.commands import WriteReview, sign_review
from app.reviews.criteria.terms import ReviewKind
from app.worklists.assignment.bulk import give_selected
from app.worklists.assignment.cover.commands import MarkAbsent, mark_absent
from app.worklists.assignment.rulebook.commands import DescribeRule, add_rule
from app.worklists.days.commands import build_day
from app.worklists.notes.commands import WriteNote, write_note
from tests.browser.conftest import DESKTOP, PHONE, Site
from tests.browser.furnishing import ask_physicians
from tests.browser.journeys import CENSUS, Check, Ward, row, sideways, stay_of
from tests.status.support import worked_on
from tests.support.census_files import reconciliation
from tests.support.exchange import exchanged
from tests.support.hl7 import Sender

# Answers that are no page of their own: files, streams, pictures, pieces that lead to their page.
NOT_PAGES = {
    "/healthz", "/readyz", "/metrics", "/events", "/account/second-factor/qr.svg", "/worklists/changes/{mark:int}",
    "/encounters/{encounter_id:uuid}/overview", "/encounters/{encounter_id:uuid}/movements",
    "/encounters/{encounter_id:uuid}/banner", "/worklists/{name:str}/rows/{stay_id:uuid}/more",
    "/deliveries/{delivery_id:uuid}/record", "/reviews/{review_id:uuid}/packet", "/appeal-packets/{packet_id:uuid}",
    "/scans/{scan_id:uuid}", "/notice-forms/{form_id:uuid}/file",
    "/worklists/{name:str}/out/{kind:str}", "/reconciliation/files/{file_id:int}/comparison",
}  # fmt: skip
# Pages that lead elsewhere at once for somebody who is signed in.
LEAD_ON = {"/", "/worklists"}
USED_MOST = {"/sign-in", "/worklists/{name:str}", "/encounters/{encounter_id:uuid}", "/find", "/interfaces"}


@dataclass(frozen=True)
class Visit:
    """A page as somebody opens it: the pattern of its route, who, and the address."""

    route: str
    who: str
    path: str


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
        Visit("/find", "dana", "/find"),
        Visit("/interfaces", "adam", "/interfaces"),
        Visit("/reconciliation", "lee", "/reconciliation"),
        Visit("/reconciliation/files/{file_id:int}", "lee", "/reconciliation/files/1"),
        Visit("/reconciliation/uploads/{upload_id:uuid}", "lee", f"/reconciliation/uploads/{upload_of('lee')}"),
        Visit("/facilities/{code:str}/census-file", "adam", "/facilities/NORTH/census-file"),
        Visit("/interfaces/messages/{message_id:int}", "adam", "/interfaces/messages/7"),
        Visit("/people", "adam", "/people"),
        Visit("/people/new", "adam", "/people/new"),
        Visit("/people/{user_id:uuid}", "adam", f"/people/{site.world.user['dana']}"),
        Visit("/facilities", "adam", "/facilities"),
        Visit("/facilities/new", "adam", "/facilities/new"),
        Visit("/facilities/{code:str}", "adam", "/facilities/NORTH"),
        Visit("/facilities/{code:str}/units/{unit:str}", "adam", "/facilities/NORTH/units/4W"),
        Visit("/configuration", "adam", "/configuration"),
        Visit("/configuration/drg-tables", "adam", "/configuration/drg-tables"),
        Visit("/audit", "priya", "/audit"),
        Visit("/audit/glass", "priya", "/audit/glass"),
        Visit("/audit/patients/{patient_id:uuid}", "priya", f"/audit/patients/{patient}"),
        Visit("/audit/people/{user_id:uuid}", "priya", f"/audit/people/{site.world.user['dana']}"),
        Visit("", "dana", "/nowhere"),
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
    ]


def of_questions(stay: uuid.UUID) -> list[Visit]:
    """Questions for physicians, with the page that a link to one message reaches."""
    with begin(everywhere("test")) as work:
        _, key = make_link(work, work.value("select id from attending_message"))
    return [
        Visit("/decisions", "paul", "/decisions"),
        Visit("/decisions/outcomes", "paul", "/decisions/outcomes"),
        Visit("/worklists/{name:str}", "paul", "/worklists/decisions"),
        Visit("/escalation-ladder", "dora", "/escalation-ladder"),
        Visit("/encounters/{stay_id:uuid}/status", "paul", f"/encounters/{stay}/status"),
        Visit("/encounters/{stay_id:uuid}/status", "uma", f"/encounters/{stay_of('V6')}/status"),
        Visit("/committee", "carla", "/committee"),
        Visit("/encounters/{stay_id:uuid}/escalations", "paul", f"/encounters/{stay}/escalations"),
        Visit("/encounters/{stay_id:uuid}/escalations", "dana", f"/encounters/{stay}/escalations"),
        Visit("/encounters/{stay_id:uuid}/escalations/new", "dana", f"/encounters/{stay}/escalations/new"),
        Visit("/answer/{link_key:str}", "", f"/answer/{key}"),
    ]


def patient_of(visit: str) -> uuid.UUID:
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value("select patient_id from encounter where visit_number = %s", (visit,))
    return found


def one_of(table: str, column: str = "id") -> uuid.UUID:
    with reading(everywhere("test")) as db:
        found: uuid.UUID = db.value(f"select {column} from {table}")
    return found


def distribute(site: Site) -> None:
    """A rule, a colleague who is away with a stay, and a stay of another one."""
    day = now().date()
    with begin(site.world.viewer("lee")) as work:
        north, people = site.world.facility["NORTH"], site.world.user
        add_rule(work, north, DescribeRule(name="West", units=["4W"], people=[people["dana"], people["uma"]]))
        mark_absent(work, north, MarkAbsent(user_id=people["sol"], first_day=day, last_day=day + timedelta(days=3)))
        give_selected(work, [stay_of("V1")], people["sol"])
        give_selected(work, [stay_of("V2"), stay_of("V3")], people["dana"])


@pytest.fixture
def furnished(site: Site) -> Site:
    """A hospital with something on every page: notes, a protected stay, glass broken, a message set aside."""
    ward = Ward()
    ward.admit(*CENSUS)
    ward.send(Sender(facility="EAST", prefix="E").admit("E1", "ME1"))
    distribute(site)
    reconciliation(site.world)
    dana = site.world.viewer("dana")
    with begin(dana) as work:
        deliver_notice(work, stay_of("V2"), DeliverNotice(kind=NoticeKind.DND, receipt=Receipt.UNSIGNED))
        ask_appeal(work, stay_of("V2"), AskAppeal())
        began = work.value("select start_at from encounter where id = %s", (stay_of("V2"),))
        day = local_day(began, ZoneInfo("America/Chicago"))
        criteria, said = "aep_admission 2", "Oxygen by mask.\n\nLives alone."
        sign_review(work, stay_of("V2"), WriteReview(kind=ReviewKind.ADMISSION, for_day=day, criteria=criteria,
                                                     points=["A12"], summary=said))  # fmt: skip
        write_note(work, stay_of("V2"), WriteNote(text="Daughter brings the papers on Friday.", pinned=True))
    with begin(everywhere("test")) as work:
        for visit in ("V4", "V5"):
            mark_stay(work, stay_of(visit), MarkStay(sensitivity="vip", reason="asked for by the patient"))
        build_day(work, site.world.facility["NORTH"], local_day(work.now, ZoneInfo("America/Chicago")))
    ask_physicians(site)
    worked_on(site.world, stay_of("V2"), now())
    page = site.open("dana", f"/encounters/{stay_of('V5')}/glass")
    page.get_by_label("Why do you need this stay?").fill("Discharge planning asked for by the attending.")
    page.get_by_role("button", name="Open for 4 hours").click()
    return site


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

    assert row(page, "BIRCH").locator(".c-pt").is_visible()
    assert row(page, "BIRCH").get_by_text("Daughter brings the papers").first.is_visible()
    for hidden in (".topbar", ".lists", ".filters", ".c-sel", ".c-exp", ".head .btn"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".wl tfoot").get_by_text("Printed by Lee Hartono").is_visible()
