"""Psychiatric treatment is a mark like the others: hidden, opened with a reason, named to those who may see it."""

from collections.abc import Callable
from uuid import UUID

import pytest

from app.census.stay.marks import MarkStay, mark_stay
from app.census.storage.rows import strictest
from app.census.terms import Sensitivity
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.support.client import Browser
from tests.support.feed import Telling, apply
from tests.support.glass import open_stay
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

BrowserFor = Callable[..., Browser]
ADMITTED = "A01 | visit V7 | patient M7 | rec 03-10 08:15 | occ 03-10 08:00 | bed 4W^407^A | name QUIET^ANN\n"


def seen(world: World, name: str) -> list[UUID]:
    with reading(world.viewer(name).acting(Permission.STAY_SEE)) as view:
        return view.values("select id from encounter")


@pytest.mark.parametrize("mark", [one.value for one in Sensitivity if one])
def test_a_mark_hides_a_stay_from_all_but_those_who_may_see_such_stays(world: World, mark: str) -> None:
    stay = add_stay(world, StaySpec(sensitivity=mark))

    assert {name: seen(world, name) for name in ("dana", "lee", "aud", "priya", "ann")} == {
        "dana": [], "lee": [], "aud": [], "priya": [stay], "ann": [stay],
    }  # fmt: skip
    with reading(world.viewer("dana").acting(Permission.STAY_LIST)) as view:
        assert view.values("select id from restricted_stays()") == [stay]


@pytest.mark.parametrize("hint", ["PSY", "psych"])
def test_the_feed_says_that_a_stay_is_psychiatric(world: World, hint: str) -> None:
    [fact] = Telling(world).facts(ADMITTED)
    fact.groups[0].texts["vip"] = hint
    apply([fact])

    with reading(everywhere("test")) as view:
        assert view.value("select sensitivity from encounter") == "psychiatric"
        assert view.value("select sensitivity from patient") == "psychiatric"


def test_a_psychiatric_stay_opens_with_a_reason_like_the_others(world: World) -> None:
    stay = add_stay(world, StaySpec(sensitivity="psychiatric"))

    opened = open_stay(world.viewer("dana"), stay, "Covering the unit of the patient tonight")

    assert (opened.encounter_id, opened.kind) == (stay, "glass")


def test_whoever_may_see_it_reads_the_mark_on_list_and_stay(browser_for: BrowserFor, world: World) -> None:
    stay = add_stay(world)
    with begin(everywhere("test")) as work:
        mark_stay(work, stay, MarkStay(sensitivity=Sensitivity.PSYCHIATRIC, reason="treated on the closed unit"))
    officer = browser_for("priya")

    assert "psychiatry" in officer.get("/worklists/inpatient").text
    assert "protected: Psychiatric treatment" in officer.get(f"/encounters/{stay}").text
    assert "psychiatry" not in browser_for("dana").get("/worklists/inpatient").text


def test_a_person_bears_the_strictest_mark_of_all_stays(world: World) -> None:
    stay = add_stay(world)
    with begin(everywhere("test")) as work:
        mark_stay(work, stay, MarkStay(sensitivity=Sensitivity.PART2, reason="program for addiction"))
        patient = work.value("select patient_id from encounter where id = %s", (stay,))
        other = add_stay(world)
        work.write("encounter", "update encounter set patient_id = %s where id = %s", (patient, other))
        mark_stay(work, other, MarkStay(sensitivity=Sensitivity.EMPLOYEE, reason="works on the unit"))
        assert work.value("select sensitivity from patient where id = %s", (patient,)) == "part2"


def test_strictest_of_marks() -> None:
    assert strictest(["vip", "psychiatric", "employee"]) == "psychiatric"
    assert strictest(["psychiatric", "part2", ""]) == "part2"
    assert strictest(["", ""]) == ""
