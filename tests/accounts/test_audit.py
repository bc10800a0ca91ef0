"""The privacy officer's pages: who saw whom, who did what, which glass was broken; and that looking leaves a trail."""

import html
import re
import uuid
from collections.abc import Callable

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from app.accounts.audit.words import page_words
from app.census.facilities import FacilityChanged
from app.platform.work import Disclosure, begin, disclose, everywhere, reading
from app.security.permissions import Permission
from tests.support.client import Browser
from tests.support.glass import open_stay
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
REASON = "Covering for the case manager of the unit tonight"


def patient_of(stay: uuid.UUID) -> tuple[uuid.UUID, str, str]:
    """Key, record number and visit number."""
    with reading(everywhere("test")) as view:
        found = view.connection.execute(
            "select p.id, p.number, e.visit_number from encounter e join patient p on p.id = e.patient_id"
            " where e.id = %s", [stay],
        ).fetchone()  # fmt: skip
    assert found is not None
    return found


def saw(world: World, name: str, *patients: uuid.UUID, route: str = "GET /encounters/{id}") -> None:
    viewer = world.viewer(name).acting(Permission.STAY_SEE)
    disclose(viewer, Disclosure(route, patients, "192.0.2.44"))


def text(answer: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", answer))


def test_who_saw_a_patient_is_found_by_record_and_by_visit_number(browser_for: BrowserFor, world: World) -> None:
    patient, number, visit = patient_of(add_stay(world))
    saw(world, "uma", patient)
    officer = browser_for("priya")

    for typed in (number, number.lower(), visit):
        found = officer.post("/audit/patients", {"number": typed})
        assert found.headers["location"] == f"/audit/patients/{patient}"
        assert typed not in found.headers["location"]
    page = text(officer.get(f"/audit/patients/{patient}").text)

    assert "Uma Reyes (uma)" in page and re.search(r"saw\s+stay\s", page) and "192.0.2.44" in page and number in page


def test_looking_at_the_trail_leaves_a_trail(browser_for: BrowserFor, world: World) -> None:
    patient, _number, _visit = patient_of(add_stay(world))
    officer = browser_for("priya")

    officer.get(f"/audit/patients/{patient}")

    assert "priya" in text(officer.get(f"/audit/patients/{patient}").text)
    with reading(everywhere("test")) as view:
        kept = view.connection.execute("select distinct actor, patients from phi_access").fetchall()
    assert kept == [("priya", [patient])]


def test_number_of_two_patients_asks_which_one(browser_for: BrowserFor, world: World) -> None:
    first, number, _visit = patient_of(add_stay(world))
    second, _number, _visit = patient_of(add_stay(world))
    with begin(everywhere("test")) as work:
        work.write("patient", "update patient set authority = 'OTHER', number = %s where id = %s", [number, second])
        work.record(FacilityChanged(facility_id=world.facility["NORTH"], code="NORTH"))

    answer = browser_for("priya").post("/audit/patients", {"number": number})

    shown = html.unescape(answer.text)
    assert answer.status_code == 200 and "Several patients have this number" in shown
    assert f"/audit/patients/{first}" in shown and f"/audit/patients/{second}" in shown
    with reading(everywhere("test")) as view:
        kept = view.value("select patients from phi_access where actor = 'priya'")
    assert set(kept) == {first, second}


def test_number_that_nobody_has_is_said_beside_its_field(browser_for: BrowserFor, world: World) -> None:
    answer = browser_for("priya").post("/audit/patients", {"number": "404404"})

    assert answer.status_code == 422
    assert (
        "No patient within your facilities has this number or name." in answer.text and 'value="404404"' in answer.text
    )


def test_patient_of_another_facility_is_not_found(browser_for: BrowserFor, world: World) -> None:
    patient, number, visit = patient_of(add_stay(world, StaySpec(facility="SOUTH")))
    saw(world, "stan", patient)
    officer = browser_for("priya")

    assert officer.post("/audit/patients", {"number": number}).status_code == 422
    assert officer.post("/audit/patients", {"number": visit}).status_code == 422
    assert officer.get(f"/audit/patients/{patient}").status_code == 404
    assert number not in officer.get(f"/audit/people/{world.user['stan']}").text


def test_sensitive_patient_is_hidden_from_the_auditor_and_shown_to_the_officer(
    browser_for: BrowserFor, world: World
) -> None:
    patient, number, _visit = patient_of(add_stay(world, StaySpec(sensitivity="vip")))
    saw(world, "carla", patient)

    assert browser_for("priya").get(f"/audit/patients/{patient}").status_code == 200
    assert browser_for("aud").get(f"/audit/patients/{patient}").status_code == 404
    page = browser_for("aud").get(f"/audit/people/{world.user['carla']}").text
    assert number not in page and "1 patient" in page


def test_what_a_person_did_names_few_patients_and_counts_many(browser_for: BrowserFor, world: World) -> None:
    keys = [patient_of(add_stay(world)) for _ in range(5)]
    saw(world, "dana", *[key for key, _number, _visit in keys], route="GET /worklists/{name}")
    officer = browser_for("priya")

    asked = officer.post("/audit/people", {"person": str(world.user["dana"])})
    page = text(officer.get(asked.headers["location"]).text)

    assert "list of stays" in page and "2 more" in page
    assert [number in page for _key, number, _visit in keys] == [True, True, True, False, False]


def test_deeds_of_others_are_not_shown_as_ones_own(browser_for: BrowserFor, world: World) -> None:
    browser_for("adam").post(f"/people/{world.user['dana']}/sign-out")
    browser_for("dana")
    browser_for("adam").post(f"/people/{world.user['dana']}/sign-out")

    officer = browser_for("priya")

    assert "user signed out" in text(officer.get(f"/audit/people/{world.user['adam']}").text)
    assert "dana, ended by administrator" in text(officer.get(f"/audit/people/{world.user['adam']}").text)
    assert "user signed out" not in text(officer.get(f"/audit/people/{world.user['dana']}").text)


def test_broken_glass_is_listed_with_its_reason(browser_for: BrowserFor, world: World) -> None:
    officer = browser_for("priya")
    assert "Every opening of a restricted stay has been judged" in officer.get("/audit").text
    stay = add_stay(world, StaySpec(sensitivity="vip"))
    _patient, number, _visit = patient_of(stay)
    open_stay(world.viewer("dana"), stay, REASON)

    for page in ("/audit", "/audit/glass"):
        shown = text(officer.get(page).text)
        assert REASON in shown and "Dana Whitlow (dana)" in shown and number in shown and "still open" in shown
    assert REASON not in text(browser_for("aud").get("/audit/glass").text)


def test_long_trails_are_paged_without_loss(browser_for: BrowserFor, world: World) -> None:
    patient, _number, _visit = patient_of(add_stay(world))
    for number in range(60):
        saw(world, "uma", patient, route=f"GET /page-{number:02d}")
    officer = browser_for("priya")

    first = officer.get(f"/audit/patients/{patient}").text
    [following] = re.findall(r'href="([^"]+)" rel="next"', html.unescape(first))
    second = officer.get(following).text

    seen = set(re.findall(r"GET /page-(\d\d)", html.unescape(first + second)))
    assert "1 to 50 of " in text(first) and len(seen) == 60


@pytest.mark.parametrize("query", ["?days=7&page=1", "?days=30&page=-4", "?days=30&page=99999999"])
def test_strange_pages_and_periods_do_no_harm(browser_for: BrowserFor, world: World, query: str) -> None:
    assert browser_for("priya").get(f"/audit/people/{world.user['dana']}{query}").status_code == 200


@pytest.mark.parametrize("person", ["", "nobody", "00000000-0000-4000-8000-000000000009"])
def test_person_who_does_not_exist(browser_for: BrowserFor, world: World, person: str) -> None:
    officer = browser_for("priya")
    answer = officer.post("/audit/people", {"person": person})

    if answer.status_code == 303:
        assert officer.get(answer.headers["location"]).status_code == 404
    else:
        assert answer.status_code == 422 and "aria-invalid" in answer.text


def test_every_page_about_patients_has_words_in_the_trail(app: Litestar) -> None:
    """A privacy officer reads what was seen, not an address: a new page needs its words in audit/words.py."""
    about = {Permission.STAY_LIST, Permission.STAY_SEE, Permission.AUDIT_SEE, Permission.MESSAGE_READ,
             Permission.INTERFACE_SEE, Permission.NOTE_WRITE, Permission.REVIEW_WRITE, Permission.STATUS_WORK,
             Permission.REVIEW_SAMPLE,
             Permission.DETERMINE, Permission.AUTHORIZATION_WRITE, Permission.PAYER_SEND, Permission.EXCHANGE_SET,
             Permission.ESCALATE, Permission.DECIDE, Permission.ATTENDING_ANSWER, Permission.DENIAL_WRITE,
             Permission.AVOIDABLE_DAY_RECORD, Permission.AVOIDABLE_DAY_STUDY, Permission.PLAN_WRITE,
             Permission.READY_SET, Permission.REFERRAL_WRITE, Permission.REFERRAL_STUDY, Permission.FOLLOW_UP_WRITE,
             Permission.READMISSION_JUDGE}  # fmt: skip
    # Redirections, streams of ids, and the door before a protected stay show nobody.
    shows_nobody = {"/worklists", "/events", "/worklists/changes/{}", "/encounters/{}/glass", "/audit/people"}
    # Rules, the choice of an instant, and how somebody keeps and opens views: no page of these names a patient.
    shows_nobody |= {"/deadlines", "/as-of", "/worklists/{}/views", "/worklists/{}/first", "/worklists/{}/default"}
    shows_nobody |= {f"/views/{{}}/{deed}" for deed in ("place", "end", "hiding", "kept", "name")}
    shows_nobody |= {"/views/versions/{}/restoral"}
    # How reviews are made and how files go, and who sits on the committee.
    shows_nobody |= {"/criteria", "/criteria/{}/{}", "/licensed-products", "/review-exemptions", "/committee"}
    shows_nobody |= {"/payer-files", "/payer-files/settings", "/reviews/agreement", "/reviews/agreement/draws"}
    shows_nobody |= {"/reviews/agreement/share", "/reviews/agreement/share/reversal"}

    patterns = {
        re.sub(r"\{[^}]*\}", "{}", route.path)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if handler.opt.get("permission") in about
    }

    assert {one for one in patterns if page_words(f"GET {one}") == f"GET {one}"} == shows_nobody


def test_patient_is_found_by_name_without_a_name_in_any_address(browser_for: BrowserFor, world: World) -> None:
    first = add_stay(world, StaySpec(family="Quillfeather", given="Merle"))
    patient, number, _visit = patient_of(first)
    officer = browser_for("priya")

    found = officer.post("/audit/patients", {"number": "quillfeather, mer"})
    assert found.headers["location"] == f"/audit/patients/{patient}"

    second, _number, _visit = patient_of(add_stay(world, StaySpec(family="Quillfeather", given="Noor")))
    both = officer.post("/audit/patients", {"number": "Quillfeather"})
    assert both.status_code == 200 and f"/audit/patients/{second}" in both.text and number in both.text
    assert officer.post("/audit/patients", {"number": "Nobody, At All"}).status_code == 422


@pytest.mark.parametrize(("form", "begins"), [("csv", b'"at","who"'), ("pdf", b"%PDF-")])
def test_trail_leaves_as_a_marked_file_and_that_is_recorded(
    browser_for: BrowserFor, world: World, form: str, begins: bytes
) -> None:
    patient, _number, _visit = patient_of(add_stay(world))
    saw(world, "uma", patient)
    officer = browser_for("priya")

    of_patient = officer.get(f"/audit/patients/{patient}/out/{form}?days=30")
    of_person = officer.get(f"/audit/people/{world.user['uma']}/out/{form}")

    for answer in (of_patient, of_person):
        assert answer.status_code == 200 and answer.content.startswith(begins)
        assert "attachment" in answer.headers["content-disposition"]
    if form == "csv":
        assert "Uma Reyes (uma)" in of_patient.text and '"Priya Nair"' in of_patient.text
    with reading(everywhere("test")) as view:
        events = view.connection.execute(
            "select facts ->> 'form', facts ->> 'user_id' from audit_event where name = 'trail.taken_out' order by id"
        ).fetchall()
        kept = view.values("select patients from phi_access where actor = 'priya' and kind = 'export'")
    assert events == [(form, None), (form, str(world.user["uma"]))] and kept == [[patient], [patient]]


def test_print_of_a_trail_is_recorded(browser_for: BrowserFor, world: World) -> None:
    patient, _number, _visit = patient_of(add_stay(world))
    officer = browser_for("priya")

    assert officer.post(f"/audit/patients/{patient}/prints?days=30").status_code == 204
    assert officer.post(f"/audit/people/{world.user['uma']}/prints").status_code == 204

    with reading(everywhere("test")) as view:
        assert view.value("select count(*) from phi_access where actor = 'priya' and kind = 'print'") == 2


@pytest.mark.parametrize("kind", ["xlsx", "exe"])
def test_trail_in_another_form_does_not_exist(browser_for: BrowserFor, world: World, kind: str) -> None:
    assert browser_for("priya").get(f"/audit/people/{world.user['uma']}/out/{kind}").status_code == 404


def test_trail_from_another_site_is_refused(browser_for: BrowserFor, world: World) -> None:
    address = f"/audit/people/{world.user['uma']}/out/csv"

    answer = browser_for("priya").get(address, headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403
