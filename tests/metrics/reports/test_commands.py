"""Saving, changing, ending and taking up reports and schedules; every version stays."""

import uuid

import pytest

from app.kernel.refusal import NotFound, Refused
from app.metrics.reports.commands import SaveReport, amend_report, end_report, restore_report, save_report
from app.metrics.reports.mailing.commands import (
    SendNow,
    SetAddress,
    SetSchedule,
    resume_schedule,
    schedule_report,
    send_now,
    set_address,
    stop_schedule,
)
from app.metrics.reports.mailing.queries import own_address, readers, schedules
from app.metrics.reports.queries import Report, latest, report_of, shipped_key, versions
from app.metrics.reports.terms import Beside, ReportSpan, Rhythm
from app.metrics.terms import MeasureId
from app.platform.work import begin, everywhere, reading
from tests.support.reports import SOME, reachable, saved
from tests.support.world import World


def north(world: World) -> int:
    return world.facility["NORTH"]


def standing(world: World) -> dict[str, Report]:
    with reading(everywhere("test")) as db:
        found = latest(versions(db, north(world)), north(world))
    return {one.name: one for one in found if one.ended_at is None}


def test_every_hospital_has_a_monthly_report_from_the_start(world: World) -> None:
    one = standing(world)["Monthly report"]

    assert one.span is ReportSpan.LAST_MONTH and one.against is Beside.YEAR and MeasureId.READMISSION in one.measures
    assert MeasureId.BEFORE_NOON not in one.measures or MeasureId.ORDER_TO_DEPARTURE in one.measures
    assert shipped_key(north(world)) != shipped_key(world.facility["SOUTH"])


def test_a_change_ends_the_version_that_stood(world: World) -> None:
    key = saved(world, unit="4 West")
    with begin(world.viewer("dora")) as work:
        amend_report(
            work, north(world), key, SaveReport(name="Returns", measures=SOME[:1], span=ReportSpan.LAST_QUARTER)
        )

    with reading(everywhere("test")) as db:
        now, before = versions(db, north(world), key)
    assert (now.name, now.measures, now.narrowed) == ("Returns", (MeasureId.READMISSION,), {})
    assert (before.name, before.narrowed, before.ended_because) == ("Returns and days", {"unit": "4 West"}, "amended")
    assert now.made_by == before.made_by == "Dora Quist"


def test_the_shipped_report_becomes_the_hospitals_own_when_it_is_changed_and_can_be_ended(world: World) -> None:
    key = shipped_key(north(world))
    with begin(world.viewer("dora")) as work:
        amend_report(work, north(world), key, SaveReport(name="Ours", measures=SOME))
    assert set(standing(world)) == {"Ours"}
    with begin(world.viewer("dora")) as work:
        end_report(work, north(world), key)
    assert standing(world) == {}
    with begin(world.viewer("dora")) as work:
        restore_report(work, north(world), key)
    assert standing(world)["Ours"].report_id == key


def test_an_untouched_shipped_report_is_ended_and_taken_up_again(world: World) -> None:
    key = shipped_key(north(world))
    with begin(world.viewer("dora")) as work:
        end_report(work, north(world), key)
    assert standing(world) == {}
    with pytest.raises(NotFound), reading(everywhere("test")) as db:
        report_of(db, north(world), key)
    with begin(world.viewer("dora")) as work:
        restore_report(work, north(world), key)
    assert set(standing(world)) == {"Monthly report"}


@pytest.mark.parametrize(
    ("ask", "field"),
    [({"name": "Empty"}, "measures"), ({"name": "monthly REPORT", "measures": SOME}, "name"),
     ({"name": "Returns and days", "measures": SOME}, "name")],
)  # fmt: skip
def test_what_cannot_be_saved_says_which_field(world: World, ask: dict[str, object], field: str) -> None:
    saved(world)
    with pytest.raises(Refused) as refused, begin(world.viewer("dora")) as work:
        save_report(work, north(world), SaveReport.model_validate(ask))
    assert refused.value.field == field


def test_what_is_ended_cannot_be_changed_and_what_stands_not_taken_up(world: World) -> None:
    key = saved(world)
    with pytest.raises(Refused), begin(world.viewer("dora")) as work:
        restore_report(work, north(world), key)
    with begin(world.viewer("dora")) as work:
        end_report(work, north(world), key)
    for act in (
        lambda work: amend_report(work, north(world), key, SaveReport(name="Later", measures=SOME)),
        lambda work: end_report(work, north(world), key),
    ):
        with pytest.raises(Refused), begin(world.viewer("dora")) as work:
            act(work)
    with pytest.raises(NotFound), begin(world.viewer("dora")) as work:
        reachable_schedule(work, world, key)


def reachable_schedule(work, world: World, key: uuid.UUID, *names: str):  # type: ignore[no-untyped-def]
    people = [world.user[name] for name in names or ("dora",)]
    return schedule_report(
        work, north(world), key, SetSchedule(rhythm=Rhythm.MONTHLY, on_day=3, at_hour=6, people=people)
    )


def test_a_schedule_is_set_changed_stopped_and_resumed(world: World) -> None:
    key = saved(world)
    reachable(world, "dora", "lee")
    with begin(world.viewer("dora")) as work:
        reachable_schedule(work, world, key)
    with begin(world.viewer("dora")) as work:
        reachable_schedule(work, world, key, "dora", "lee")
    with begin(world.viewer("dora")) as work:
        stop_schedule(work, north(world), key)
    with reading(everywhere("test")) as db:
        assert schedules(db, [north(world)])[key].ended_at is not None
    with begin(world.viewer("dora")) as work:
        resume_schedule(work, north(world), key)

    with reading(everywhere("test")) as db:
        one = schedules(db, [north(world)])[key]
        rows = db.values("select ended_because from report_schedule where report_id = %s order by made_at, id", (key,))
    assert one.ended_at is None and one.people == [str(world.user[name]) for name in ("dora", "lee")]
    assert rows == ["amended", "ended", ""]


@pytest.mark.parametrize(("who", "said"), [("dana", "may see the measures"), ("stan", "may see the measures"),
                                           ("lee", "No mail address is known of Lee Hartono")])  # fmt: skip
def test_reports_go_only_to_people_who_may_see_measures_and_can_be_reached(world: World, who: str, said: str) -> None:
    key = saved(world)
    reachable(world, "dora")
    with pytest.raises(Refused, match=said), begin(world.viewer("dora")) as work:
        reachable_schedule(work, world, key, "dora", who)
    with pytest.raises(Refused, match=said), begin(world.viewer("dora")) as work:
        send_now(work, north(world), key, SendNow(people=[world.user[who]]))


def test_readers_are_those_who_hold_the_permission_there(world: World) -> None:
    with reading(everywhere("test")) as db:
        assert {one.name for one in readers(db, north(world)).values()} == {
            "Carla Moreau", "Dora Quist", "Lee Hartono"}  # fmt: skip
        assert readers(db, world.facility["SOUTH"]) == {}


@pytest.mark.parametrize(
    ("address", "said"),
    [("dora", "such as"), ("dora@elsewhere.example", "only to north.example and partner.example"),
     ("a@north.example, b@north.example", "such as"), ("Dora <dora@north.example>", "such as")],
)  # fmt: skip
def test_an_address_outside_the_allowed_domains_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    monkeypatch.setenv("DAYBOOK_MAIL_FROM", "Daybook <reports@north.example>")
    monkeypatch.setenv("DAYBOOK_MAIL_DOMAINS", "partner.example")
    with pytest.raises(Refused, match=said) as refused, begin(world.viewer("dora")) as work:
        set_address(work, world.user["dora"], SetAddress(address=address))
    assert refused.value.field == "address"


def test_an_address_is_set_changed_and_taken_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAYBOOK_MAIL_FROM", "reports@north.example")
    monkeypatch.setenv("DAYBOOK_MAIL_DOMAINS", "partner.example")
    for address in ("dora@north.example", "dora@partner.example", ""):
        with begin(world.viewer("dora")) as work:
            set_address(work, world.user["dora"], SetAddress(address=address))
        with reading(everywhere("test")) as db:
            assert own_address(db, world.user["dora"]) == address
