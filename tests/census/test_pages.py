"""The pages of one stay: what they show, to whom, and that every look leaves a trace."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from app.census.stay.finding import read
from app.census.stay.marks import MarkStay, mark_stay
from app.interop.inbox import Source, drain, receive
from app.platform.now import now
from app.platform.work import begin, everywhere, reading
from tests.support.client import Browser
from tests.support.glass import filled
from tests.support.hl7 import Sender
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import World

At = Callable[[str], Browser]
PARTS = ["", "/timeline", "/history", "/notes"]


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    return add_stay(world, StaySpec(family="Voss", given="Leonard", sex="M", patient_class="OBS"))


def value(query: str, *parameters: object) -> object:
    with reading(everywhere("test")) as db:
        return db.value(query, parameters)


def patient_of(stay: uuid.UUID) -> object:
    return value("select patient_id from encounter where id = %s", stay)


def number_of(stay: uuid.UUID) -> str:
    return str(value("select p.number from encounter e join patient p on p.id = e.patient_id where e.id = %s", stay))


def seen_by(actor: str) -> list[object]:
    """The patients whom this person was shown, in order; a list for each page."""
    with reading(everywhere("test")) as db:
        return db.values("select patients from phi_access where actor = %s order by id", (actor,))


def protect(stay: uuid.UUID, kind: str = "vip") -> None:
    with begin(everywhere("test")) as work:
        mark_stay(work, stay, MarkStay(sensitivity=kind, reason="a name known in town"))


# --- the parts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
def test_each_part_of_a_stay_is_a_page_that_discloses_its_patient(browser_for: At, stay: uuid.UUID, part: str):
    page = browser_for("dana").get(f"/encounters/{stay}{part}")

    assert page.status_code == 200
    assert "<h1>Voss, Leonard</h1>" in page.text
    assert seen_by("dana") == [[patient_of(stay)]]


@pytest.mark.parametrize("part", PARTS)
def test_a_stay_of_another_facility_does_not_exist(browser_for: At, stay: uuid.UUID, part: str):
    page = browser_for("stan").get(f"/encounters/{stay}{part}")

    assert page.status_code == 404
    assert "Voss" not in page.text
    assert seen_by("stan") == []


@pytest.mark.parametrize("part", PARTS)
def test_an_attending_physician_sees_own_patients_only(browser_for: At, world: World, part: str):
    own = add_stay(world, StaySpec(attending="1001"))
    other = add_stay(world, StaySpec(attending="2002", bed="C"))
    ann = browser_for("ann")

    assert ann.get(f"/encounters/{own}{part}").status_code == 200
    assert ann.get(f"/encounters/{other}{part}").status_code == 404


def test_a_tab_brings_the_banner_and_the_part_without_the_frame_of_the_page(browser_for: At, stay: uuid.UUID):
    tab = browser_for("dana").get(f"/encounters/{stay}/timeline", htmx=True, headers={"HX-Target": "main#main"})

    assert "<!doctype" not in tab.text.lower()
    assert 'aria-current="page">Timeline' in tab.text
    assert "Movements" in tab.text


def test_what_a_page_asks_for_by_itself_is_a_piece_and_discloses_too(browser_for: At, stay: uuid.UUID):
    dana = browser_for("dana")

    banner = dana.get(f"/encounters/{stay}/banner", htmx=True, headers={"HX-Target": "div#stay-banner"})
    overview = dana.get(f"/encounters/{stay}/overview", htmx=True, headers={"HX-Target": "div#stay-overview"})

    assert banner.text.count("<h1>") == 1 and "Course of the stay" not in banner.text
    assert "Course of the stay" in overview.text and "<h1>" not in overview.text
    assert seen_by("dana") == [[patient_of(stay)]] * 2


def test_the_banner_as_a_page_of_its_own_leads_to_the_stay(browser_for: At, stay: uuid.UUID):
    answer = browser_for("dana").get(f"/encounters/{stay}/banner?tab=timeline")

    assert answer.status_code == 303 and answer.headers["location"] == f"/encounters/{stay}/timeline"


def test_a_running_observation_clock_ticks_in_the_banner(browser_for: At, stay: uuid.UUID):
    page = browser_for("dana").get(f"/encounters/{stay}")

    assert 'data-tick="obs"' in page.text


def test_a_date_only_discharge_shows_no_time_of_day(browser_for: At, world: World, stay: uuid.UUID):
    with begin(everywhere("test")) as work:
        work.write(
            "encounter",
            "update encounter set status = 'discharged', discharge_at = '2026-03-06 06:00Z', discharge_precise = false,"
            " location = '', disposition = '03' where id = %s",
            (stay,),
        )
        work.recorded.append(_updated(stay))

    page = browser_for("dana").get(f"/encounters/{stay}/timeline")

    assert "Fri 6 Mar, skilled nursing facility (03)" in page.text
    shown = page.text.partition('id="stay-timeline"')[2].partition("</main>")[0]
    assert "time of day not sent" in shown
    assert "00:00" not in shown  # around it stands the present time, which may be any


def _updated(stay: uuid.UUID) -> object:
    from app.census.events import EncounterUpdated

    return EncounterUpdated(encounter_id=stay, changed=("status",))


def test_history_tells_what_happened_and_only_auditors_see_who_looked(browser_for: At, stay: uuid.UUID):
    browser_for("dana").get(f"/encounters/{stay}")

    nurse = browser_for("dana").get(f"/encounters/{stay}/history").text
    privacy = browser_for("priya").get(f"/encounters/{stay}/history").text

    assert "Stay opened, observation" in nurse
    assert "Dana Whitlow</th>" not in nurse
    assert "Dana Whitlow</th>" in privacy


# --- protected stays -------------------------------------------------------------------------------------------------


def test_a_protected_stay_asks_for_a_reason_and_says_nothing_of_the_patient(browser_for: At, stay: uuid.UUID):
    protect(stay)

    page = browser_for("dana").get(f"/encounters/{stay}")

    assert "<h1>This stay is protected</h1>" in page.text
    assert "Voss" not in page.text and number_of(stay) not in page.text
    assert seen_by("dana") == []


def test_a_protected_stay_opens_with_a_reason_and_says_until_when(browser_for: At, world: World, stay: uuid.UUID):
    protect(stay)
    dana = browser_for("dana")
    given = filled(world, "dana", "I cover 4 West tonight")

    without = dana.post(f"/encounters/{stay}/glass", {**given, "reason": "x"})
    opened = dana.post(f"/encounters/{stay}/glass", given)
    page = dana.get(opened.headers["location"])

    assert without.status_code == 422 and 'aria-invalid="true"' in without.text
    assert opened.status_code == 303
    assert "<h1>Voss, Leonard</h1>" in page.text
    assert "reported to privacy" in page.text
    assert browser_for("uma").get(f"/encounters/{stay}").text.count("Voss") == 0


def test_who_may_see_protected_stays_is_not_asked(browser_for: At, stay: uuid.UUID):
    protect(stay)

    page = browser_for("carla").get(f"/encounters/{stay}")

    assert "<h1>Voss, Leonard</h1>" in page.text
    assert "reported to privacy" not in page.text


def test_a_protected_stay_of_another_facility_does_not_exist(browser_for: At, stay: uuid.UUID):
    protect(stay)

    assert browser_for("stan").get(f"/encounters/{stay}").status_code == 404
    assert browser_for("stan").get(f"/encounters/{stay}/glass").status_code == 404


def test_a_role_that_may_not_open_a_protected_stay_gets_no_form(browser_for: At, stay: uuid.UUID):
    protect(stay)

    page = browser_for("aud").get(f"/encounters/{stay}")

    assert "cannot open it" in page.text
    assert f'action="/encounters/{stay}/glass"' not in page.text


def test_a_lead_marks_a_stay_and_from_then_on_needs_a_reason_too(browser_for: At, stay: uuid.UUID):
    lee = browser_for("lee")

    empty = lee.post(f"/encounters/{stay}/sensitivity", {"sensitivity": "employee", "reason": ""})
    marked = lee.post(f"/encounters/{stay}/sensitivity", {"sensitivity": "employee", "reason": "works on 4 West"})

    assert empty.status_code == 422 and "Fill in this field." in empty.text
    assert marked.status_code == 303
    assert value("select sensitivity from sensitive_mark where encounter_id = %s", stay) == "employee"
    assert value("select p.sensitivity from patient p where p.id = %s", patient_of(stay)) == "employee"
    assert "protected" in lee.get(f"/encounters/{stay}").text
    event = "select actor || ' ' || (facts ->> 'reason') from audit_event where name = 'stay.protected'"
    assert value(event) == "lee works on 4 West"


def test_the_mark_can_be_taken_away_with_a_reason(browser_for: At, stay: uuid.UUID):
    protect(stay)

    taken = browser_for("priya").post(
        f"/encounters/{stay}/sensitivity", {"sensitivity": "none", "reason": "marked by mistake"}
    )

    assert taken.status_code == 303
    assert browser_for("dana").get(f"/encounters/{stay}").text.count("<h1>Voss, Leonard</h1>") == 1
    assert value("select sensitivity from patient where id = %s", patient_of(stay)) == ""


def test_nobody_without_the_permission_marks_a_stay(browser_for: At, stay: uuid.UUID):
    answer = browser_for("dana").post(f"/encounters/{stay}/sensitivity", {"sensitivity": "vip", "reason": "no reason"})

    assert answer.status_code == 403


# --- finding ---------------------------------------------------------------------------------------------------------

TYPED = """
typed            | names                                              | number | place
re               | re,                                                |        | re
Reyes, Al        | reyes,al                                           |        |
al  reyes        | al reyes, / reyes,al / al,reyes                    |        |
M000123          |                                                    | m000123 | m000123
4W 412-B         |                                                    | 4w 412-b | 4w412b
r                |                                                    |        |
"""


@pytest.mark.parametrize("line", TYPED.strip().splitlines()[1:], ids=lambda line: line.split("|")[0].strip())
def test_what_was_typed_is_read_as_a_name_a_number_or_a_place(line: str):
    typed, names, number, place = (cell.strip() for cell in line.split("|"))

    asked = read(typed)

    assert " / ".join(",".join(name) for name in asked.names) == names
    assert (asked.number, asked.place) == (number, place)


def test_finding_by_the_beginning_of_a_name_puts_open_stays_first(browser_for: At, world: World):
    add_stays(
        world,
        [
            StaySpec(family="Achterberg", given="Tom", status="discharged", bed="A"),
            StaySpec(family="Achtmann", given="Una", bed="C"),
            StaySpec(family="Other", given="Achilles", bed="D"),
        ],
    )

    page = browser_for("dana").post("/find", {"q": "acht"})

    assert "2 stays" in page.text and "Other" not in page.text
    assert page.text.index("Achtmann") < page.text.index("Achterberg")
    assert len(seen_by("dana")[-1]) == 2


@pytest.mark.parametrize("typed", ["Voss, Le", "leonard voss", "VOSS", "412", "4W 412", "412-B"])
def test_a_stay_is_found_by_name_and_by_room(browser_for: At, stay: uuid.UUID, typed: str):
    assert f"/encounters/{stay}" in unescape(browser_for("dana").post("/find", {"q": typed}).text)


@pytest.mark.parametrize("column", ["p.number", "e.visit_number"])
def test_a_number_typed_in_full_opens_its_stay_at_once(browser_for: At, stay: uuid.UUID, column: str):
    number = value(f"select {column} from encounter e join patient p on p.id = e.patient_id where e.id = %s", stay)

    answer = browser_for("dana").post("/find", {"q": str(number).lower()})

    assert (answer.status_code, answer.headers["location"]) == (303, f"/encounters/{stay}")


def test_nothing_of_another_facility_is_found(browser_for: At, stay: uuid.UUID):
    page = browser_for("stan").post("/find", {"q": "Voss"})

    assert "Nobody found" in page.text
    assert str(stay) not in page.text


def test_a_protected_stay_is_found_by_its_number_only_as_restricted(browser_for: At, stay: uuid.UUID):
    protect(stay)
    dana = browser_for("dana")

    by_number = unescape(dana.post("/find", {"q": number_of(stay)}).text)
    by_name = dana.post("/find", {"q": "Voss"}).text

    assert "Restricted stay" in by_number and f"/encounters/{stay}/glass" in by_number and "Leonard" not in by_number
    assert "Nobody found" in by_name


def test_more_than_fit_on_the_page_are_cut_and_the_page_says_so(browser_for: At, world: World):
    add_stays(world, [StaySpec(family=f"Numerous{number:02d}", room="500", bed=str(number)) for number in range(60)])

    page = browser_for("dana").post("/find", {"q": "numer"})

    assert "The first 50 stays" in page.text
    assert unescape(page.text).count('href="/encounters/') == 50


def test_recent_patients_are_those_whom_this_person_opened(browser_for: At, world: World, stay: uuid.UUID):
    other = add_stay(world, StaySpec(family="Later", bed="C"))
    dana = browser_for("dana")
    for opened in (stay, other, stay):
        dana.get(f"/encounters/{opened}")

    page = unescape(dana.get("/find").text)

    assert page.index("Voss") < page.index("Later")
    assert page.count(f"/encounters/{stay}") == 1
    assert "No patient opened yet" in browser_for("uma").get("/find").text


def test_an_empty_search_shows_the_recent_patients(browser_for: At, stay: uuid.UUID):
    dana = browser_for("dana")
    dana.get(f"/encounters/{stay}")

    page = dana.post("/find", {"q": " "})

    assert page.status_code == 200 and "Opened by you" in page.text


def test_prefix_searches_use_their_indexes(world: World):
    # Enough rows that reading all of them would be the worse plan.
    with begin(everywhere("test")) as work:
        work.write(
            "patient",
            "insert into patient (authority, number, facility_ids, family, given) select 'NORTH', 'X' || n,"
            " array[%s::smallint], 'Family' || n, 'Given' from generate_series(1, 3000) n",
            (world.facility["NORTH"],),
        )
        work.recorded.append(_updated(uuid.uuid4()))
    with reading(everywhere("test")) as db:
        db.connection.execute("set local plan_cache_mode = force_generic_plan")
        before = _index_scans(db)
        db.value("select count(*) from find_patients(array['family29'], array[''], 10)")
        db.value("select count(*) from find_numbers('x29', 10)")
        db.connection.execute("select pg_stat_force_next_flush()")
        db.connection.rollback()
        after = _index_scans(db)

    assert after["ix_patient_search"] > before["ix_patient_search"]
    assert after["ix_patient_number"] > before["ix_patient_number"]


def _index_scans(db: object) -> dict[str, int]:
    rows = db.connection.execute("select indexrelname, idx_scan from pg_stat_user_indexes where relname = 'patient'")
    return dict(rows.fetchall())


def test_the_top_bar_says_when_the_feed_last_spoke(browser_for: At, world: World, app: object):
    dana = browser_for("dana")
    assert "live-state" not in dana.get("/find").text

    app.state.backend.last_message[world.facility["NORTH"]] = now() - timedelta(minutes=3)
    assert 'class="live"' in dana.get("/find").text

    app.state.backend.last_message[world.facility["NORTH"]] = now() - timedelta(hours=2)
    assert 'class="live off"' in dana.get("/find").text


def test_a_mark_stands_whatever_the_feed_says_later(world: World):
    sender = Sender()
    receive([sender.admit("V1", "M1")], Source("mllp"))
    drain()
    stay = value("select id from encounter")
    protect(stay)

    receive([sender.message("A08", "V1", "M1", name="RIVERA^CARMEN^B")], Source("mllp"))
    drain()

    assert value("select sensitivity from encounter where id = %s", stay) == "vip"
    assert value("select sensitivity from patient") == "vip"
