"""Charting on a real database: versions, undo, what clocks learn, packets, a fixed number of statements."""

import uuid
from datetime import date, datetime, time, timedelta

import pytest

from app.census.events import EncounterUpdated, LeaveChanged
from app.kernel.refusal import NotFound, Refused
from app.ltac.course import queries, records
from app.ltac.course.charting import chart_therapy, chart_today, chart_weaning, take_back_weaning
from app.ltac.course.commands import amend_course, record_course, strike_course, take_back_course
from app.ltac.course.forms import (
    ChartTherapy,
    ChartWeaning,
    CheckWound,
    FindWound,
    HoldConference,
    OrientFamily,
    ValidateAdmission,
)
from app.ltac.course.round.queries import patients
from app.ltac.course.stay.lent import brief_lines
from app.ltac.course.terms import Discipline, RecordKind, Support, WeaningState
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web.packets import sections
from tests.support.long_term import charted, make_kind
from tests.support.stays import StaySpec, add_stay, add_stays
from tests.support.world import NOW, World

TODAY = date(2026, 3, 5)
BEGAN = NOW - timedelta(days=10)
MET = HoldConference(physician="Ann Tending", nursing="Dana", goal_respiratory="Collar by day", decided="Go on")


@pytest.fixture
def stay(world: World) -> uuid.UUID:
    make_kind(world, "ltch")
    return add_stay(world, StaySpec(start=BEGAN))


def on(days: int) -> date:
    return TODAY - timedelta(days=days)


def chart(world: World, stay: uuid.UUID, ask: ChartWeaning, minutes: int = 0) -> uuid.UUID:
    with begin(world.viewer("dana").acting(Permission.LTAC_CHART), at=NOW + timedelta(minutes=minutes)) as work:
        return chart_weaning(work, stay, ask).id


def record(world: World, stay: uuid.UUID, ask, at: datetime = NOW) -> uuid.UUID:
    with begin(world.viewer("dana").acting(Permission.LTAC_CHART), at=at) as work:
        return record_course(work, stay, ask).record_id


def letters(world: World, stay: uuid.UUID) -> str:
    with reading(world.viewer("dana"), at=NOW + timedelta(hours=2)) as db:
        found = queries.weaning_strip(db, [stay]).get(stay, [])
    return "".join(one.state.value or "." for one in found)


def test_the_strip_shows_the_days_of_the_stay_and_says_what_nobody_recorded(world: World, stay: uuid.UUID):
    chart(world, stay, ChartWeaning(support=Support.VENTILATED, day=on(2)))
    chart(world, stay, ChartWeaning(support=Support.COLLAR))

    assert letters(world, stay) == "........V.T"


def test_days_away_come_from_the_census(world: World, stay: uuid.UUID):
    chart(world, stay, ChartWeaning(support=Support.VENTILATED, day=on(4)))
    leave = (
        "insert into movement (encounter_id, stay_serial, facility_id, lane, value, since, until)"
        " select id, serial, facility_id, 5, 'leave', %s, %s from encounter where id = %s"
    )
    with begin(everywhere("test"), at=NOW) as work:
        work.write("movement", leave, (NOW - timedelta(days=3), NOW - timedelta(days=1), stay))
        patient = work.value("select patient_id from encounter where id = %s", (stay,))
        work.record(LeaveChanged(encounter_id=stay, patient_id=patient, on_leave=False))

    assert letters(world, stay)[-5:] == "VXX.."


def test_an_earlier_day_is_charted_anew_only_with_a_reason_and_both_versions_stay(world: World, stay: uuid.UUID):
    chart(world, stay, ChartWeaning(support=Support.VENTILATED, day=on(2)))
    with pytest.raises(Refused) as refused:
        chart(world, stay, ChartWeaning(support=Support.TRIAL, day=on(2)), minutes=5)
    assert refused.value.field == "because"

    chart(world, stay, ChartWeaning(support=Support.TRIAL, day=on(2), because="Read from the wrong sheet"), minutes=9)

    assert letters(world, stay)[-3] == "S"
    with reading(world.viewer("dana"), as_of=NOW + timedelta(minutes=6)) as db:
        assert [one.support for one in queries.entries(db, [stay])[stay]] == ["ventilated"]  # what was known then
    with reading(world.viewer("dana")) as db:
        found = queries.entries(db, [stay], ended=True)[stay]
    assert [(one.support, one.ended_reason, one.made_because) for one in found] == [
        ("ventilated", "Read from the wrong sheet", ""), ("trial", "", "Read from the wrong sheet"),
    ]  # fmt: skip


def test_one_word_changes_the_support_of_today_and_keeps_the_rest(world: World, stay: uuid.UUID):
    chart(world, stay, ChartWeaning(support=Support.VENTILATED, mode="pressure support", note="restless"))
    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=5)) as work:
        chart_today(work, stay, Support.TRIAL)

    with reading(world.viewer("dana")) as db:
        (one,) = queries.entries(db, [stay])[stay]
    assert (one.support, one.mode, one.note) == ("trial", "pressure support", "restless")
    with pytest.raises(Refused, match="already"), begin(world.viewer("dana"), at=NOW + timedelta(minutes=6)) as work:
        chart_today(work, stay, Support.TRIAL)


def test_undo_brings_back_what_stood_before_as_an_entry_of_its_own(world: World, stay: uuid.UUID):
    chart(world, stay, ChartWeaning(support=Support.VENTILATED, note="restless"))
    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=5)) as work:
        wrong = chart_today(work, stay, Support.FREE).id
    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=6)) as work:
        take_back_weaning(work, wrong, "Wrong patient")

    with reading(world.viewer("dana")) as db:
        found = queries.entries(db, [stay], ended=True)[stay]
    assert [(one.support, one.note, one.ended_at is None) for one in found] == [
        ("ventilated", "restless", False), ("free", "restless", False), ("ventilated", "restless", True),
    ]  # fmt: skip
    with pytest.raises(Refused, match="stands no more"), begin(world.viewer("dana")) as work:
        take_back_weaning(work, wrong, "Again")


def test_a_day_struck_out_is_not_recorded(world: World, stay: uuid.UUID):
    key = chart(world, stay, ChartWeaning(support=Support.VENTILATED))
    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=5)) as work:
        take_back_weaning(work, key, "Wrong patient", restore=False)

    assert letters(world, stay) == ""


def test_another_kind_of_hospital_charts_nothing_here(world: World):
    stay = add_stay(world)
    for ask in (ChartWeaning(support=Support.VENTILATED),):
        with pytest.raises(Refused, match="long-term care hospital"):
            chart(world, stay, ask)
    with pytest.raises(Refused, match="long-term care hospital"):
        record(world, stay, FindWound(site="sacrum"))


def test_charting_minutes_again_replaces_the_discipline_and_leaves_the_others(world: World, stay: uuid.UUID):
    for minutes, ask in enumerate([ChartTherapy(pt=45, rt=60), ChartTherapy(pt=30, day=on(7)), ChartTherapy(pt=50)]):
        with begin(world.viewer("dana"), at=NOW + timedelta(minutes=minutes)) as work:
            chart_therapy(work, stay, ask)

    with reading(world.viewer("dana"), at=NOW) as db:
        sums = queries.therapy_minutes(db, [stay])[stay]
    assert sums == {Discipline.PT: 50, Discipline.OT: 0, Discipline.SLP: 0, Discipline.RT: 60}  # day 7 lies before
    with pytest.raises(Refused, match="more than the day has"), begin(world.viewer("dana")) as work:
        chart_therapy(work, stay, ChartTherapy(pt=800, ot=700))


def test_wounds_in_words_follow_their_assessments(world: World, stay: uuid.UUID):
    wound = record(world, stay, FindWound(site="Sacrum"), NOW - timedelta(days=8))
    check = CheckWound(wound=wound, length=4, width=3)
    record(world, stay, check, NOW - timedelta(days=7))
    record(world, stay, CheckWound(wound=wound, length=3.5, width=2))
    with reading(world.viewer("dana"), at=NOW) as db:
        assert queries.wounds_in_words(db, [stay]) == {stay: ["Sacrum 12 to 7 cm2"]}
        assert queries.wounds_of(db, [stay])[stay][0].due_on == TODAY + timedelta(days=7)

    with pytest.raises(Refused, match="Assessments of this wound stand"), begin(world.viewer("dana")) as work:
        strike_course(work, wound, "Wrong patient")
    record(world, stay, CheckWound(wound=wound, healed=True), NOW + timedelta(minutes=5))
    with reading(world.viewer("dana"), at=NOW + timedelta(minutes=9)) as db:
        assert queries.wounds_in_words(db, [stay]) == {}
    with pytest.raises(Refused, match="wound of this stay"):
        record(world, stay, CheckWound(wound=uuid.uuid4()), NOW + timedelta(minutes=9))


def test_a_wound_may_be_older_than_the_stay_and_nothing_else_is(world: World, stay: uuid.UUID):
    before = (BEGAN - timedelta(days=3)).date()
    record(world, stay, FindWound(site="Heel", on=before, at="10:00"))

    with pytest.raises(Refused, match="before the stay"):
        record(world, stay, OrientFamily(to_whom="Her sister", on=before, at="10:00"))


def test_there_is_one_validation_and_one_conference_of_a_day(world: World, stay: uuid.UUID):
    yes = ValidateAdmission(met=True, criterion="Ventilator, three failed trials", judged_by="Ann Tending")
    record(world, stay, yes)
    record(world, stay, MET)
    with pytest.raises(Refused, match="is validated"):
        record(world, stay, yes, NOW + timedelta(minutes=9))
    with pytest.raises(Refused, match="of that day"):
        record(world, stay, MET, NOW + timedelta(minutes=9))


def test_a_correction_keeps_the_earlier_words_and_its_own_kind(world: World, stay: uuid.UUID):
    key = record(world, stay, MET)
    with begin(world.viewer("sol").acting(Permission.LTAC_CHART), at=NOW + timedelta(minutes=9)) as work:
        amend_course(work, key, MET.model_copy(update={"decided": "Change the goal"}), "Minutes were incomplete")

    with reading(world.viewer("dana")) as db:
        found = records.versions(db, [stay])[stay]
    assert [(one.content["decided"], one.stands, one.at) for one in found] == [
        ("Go on", False, NOW), ("Change the goal", True, NOW),
    ]  # fmt: skip
    with pytest.raises(NotFound), begin(world.viewer("dana")) as work:
        amend_course(work, key, OrientFamily(to_whom="Her sister"), "Another kind")


def obligations(world: World, stay: uuid.UUID) -> dict[str, list[tuple[bool, date]]]:
    query = (
        "select rule, closed_at is not null, (due_at at time zone 'America/Chicago')::date from obligation"
        " where encounter_id = %s and ended_at is null and rule = any(%s) order by rule, start_at"
    )
    found: dict[str, list[tuple[bool, date]]] = {}
    for rule, closed, due in world.owner.execute(query, (stay, ["LT-CONFERENCE", "LT-ORIENT", "PA-LTCH48"])):
        found.setdefault(rule, []).append((closed, due))
    return found


def test_the_clocks_of_the_stay_close_on_the_records_and_open_again(world: World, stay: uuid.UUID):
    began = BEGAN.date()
    orient = record(world, stay, OrientFamily(given=False, reason="No family is known"))
    record(world, stay, ValidateAdmission(met=False, criterion="None", judged_by="Dr. T", options="Home with nursing"))
    conference = record(world, stay, MET)

    found = obligations(world, stay)
    assert found["LT-ORIENT"] == [(True, began + timedelta(days=3))]
    assert found["PA-LTCH48"] == [(True, began + timedelta(days=2))]
    assert found["LT-CONFERENCE"] == [(False, TODAY + timedelta(days=7))]  # the one in force

    for key in (orient, conference):
        with begin(world.viewer("dana"), at=NOW + timedelta(minutes=5)) as work:
            strike_course(work, key, "Wrong patient")
    found = obligations(world, stay)
    assert found["LT-ORIENT"] == [(False, began + timedelta(days=3))]
    assert found["LT-CONFERENCE"] == [(False, began + timedelta(days=7))]


def test_brief_and_packet_tell_of_the_course_and_of_nothing_struck_out(world: World, stay: uuid.UUID):
    charted(world.viewer("dana"), stay, "as agreed", NOW)
    gone = record(world, stay, FindWound(site="Struck heel"))
    with begin(world.viewer("dana"), at=NOW) as work:
        strike_course(work, gone, "Wrong patient")

    with reading(everywhere("test"), at=NOW) as db:
        lines = brief_lines(db, [stay])[stay]
        (section,) = [one for one in sections(db, stay) if one.key == "long-term"]
    assert [line.partition(":")[0].partition(";")[0] for line in lines] == ["Weaning", "Wounds", "Team conference"]
    assert "Struck heel" not in str(section) + str(lines)
    assert [block.heading for block in section.blocks][:3] == ["Weaning", "Wounds", "Team conference"]


def test_the_round_visits_who_was_ventilated_and_asks_as_much_for_many_as_for_few(world: World, stay: uuid.UUID):
    def statements() -> int:
        with reading(world.viewer("dana"), at=NOW) as db:
            seen: list[str] = []
            plain = db.rows

            def counting(shape, query, parameters=None):
                seen.append(query)
                return plain(shape, query, parameters)

            db.rows = counting  # type: ignore[method-assign]
            patients(db, world.facility["NORTH"])
        return len(seen)

    for other in add_stays(world, [StaySpec(start=BEGAN, bed=str(number)) for number in range(2)]):
        chart(world, other, ChartWeaning(support=Support.VENTILATED))
    few = statements()
    for other in add_stays(world, [StaySpec(start=BEGAN, bed=str(number)) for number in range(2, 25)]):
        chart(world, other, ChartWeaning(support=Support.FREE))
    assert statements() == few

    with reading(world.viewer("dana"), at=NOW) as db:
        found = patients(db, world.facility["NORTH"])
    assert (len(found), sum(one.on_round for one in found)) == (26, 2)


def test_a_united_stay_counts_what_was_charted_for_its_part(world: World, stay: uuid.UUID):
    part = add_stay(world, StaySpec(start=BEGAN))
    chart(world, part, ChartWeaning(support=Support.VENTILATED, day=on(1)))
    with begin(everywhere("test"), at=NOW) as work:
        gone = "update encounter set gone_at = %s, united_into_id = %s where id = %s"
        work.write("encounter", gone, (NOW, stay, part))
        work.record(EncounterUpdated(encounter_id=stay, facility_id=world.facility["NORTH"], changed=()))
    chart(world, stay, ChartWeaning(support=Support.TRIAL))

    assert letters(world, stay)[-2:] == "VS"
    with reading(world.viewer("dana"), at=NOW) as db:
        assert queries.weaning_standing(db, [stay])[stay].ventilated_days == 2
        assert queries.weaning_strip(db, [stay])[stay][-1].state is WeaningState.TRIAL
        assert RecordKind.WOUND not in records.standing(db, [stay])


def test_undo_takes_back_no_record_that_somebody_corrected_meanwhile(world: World, stay: uuid.UUID):
    key = record(world, stay, MET)
    with begin(world.viewer("sol").acting(Permission.LTAC_CHART), at=NOW + timedelta(minutes=9)) as work:
        amend_course(work, key, MET.model_copy(update={"decided": "Change the goal"}), "Minutes were incomplete")
    with pytest.raises(Refused, match="corrected meanwhile"), begin(world.viewer("dana")) as work:
        take_back_course(work, key)

    other = record(world, stay, FindWound(site="Heel"))
    with begin(world.viewer("dana")) as work:
        take_back_course(work, other)
    with reading(world.viewer("dana")) as db:
        assert {one.kind: one.content["decided"] for one in records.standing(db, [stay])[stay]} == {
            "conference": "Change the goal"
        }


def test_nothing_is_held_or_charted_after_the_patient_left(world: World, stay: uuid.UUID):
    left = NOW - timedelta(days=2)
    with begin(everywhere("test"), at=NOW) as work:
        work.write(
            "encounter", "update encounter set status = 'discharged', discharge_at = %s where id = %s", (left, stay)
        )
        work.record(EncounterUpdated(encounter_id=stay, changed=("status",)))
    with pytest.raises(Refused, match="had left") as refused:
        record(world, stay, MET)
    assert refused.value.field == "on"
    record(world, stay, MET.model_copy(update={"on": left.date(), "at": time(8, 0)}))
    record(world, stay, ValidateAdmission(met=True, criterion="Found in the chart", judged_by="Ann Tending"))  # late
    with pytest.raises(Refused, match="had left"), begin(world.viewer("dana"), at=NOW) as work:
        chart_today(work, stay, Support.FREE)
    chart(world, stay, ChartWeaning(support=Support.FREE, day=on(2)))


def test_minutes_of_a_day_count_those_that_are_charted_already(world: World, stay: uuid.UUID):
    with begin(world.viewer("dana"), at=NOW) as work:
        chart_therapy(work, stay, ChartTherapy(rt=900))
    with pytest.raises(Refused, match="more than the day has"), begin(world.viewer("dana"), at=NOW) as work:
        chart_therapy(work, stay, ChartTherapy(pt=600))
    with begin(world.viewer("dana"), at=NOW + timedelta(minutes=1)) as work:
        chart_therapy(work, stay, ChartTherapy(pt=600, rt=60))
