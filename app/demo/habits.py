"""What the simulated people do besides having stays: they look at their lists, write notes, put stays aside; and every
morning the day is built, from what was known in that morning."""

import uuid
from datetime import date, datetime, time, timedelta

from app.demo.cast import Member, cast
from app.demo.simulation import Simulation
from app.kernel.days import ONE_DAY, instant_of, local_day
from app.platform.work import Disclosure, Scope, System, Work, begin, disclose, everywhere, reading
from app.worklists.days.commands import WHO, Due, Edition, facilities, write_sheet
from app.worklists.days.rules import due_at, present_day
from app.worklists.notes.commands import WriteNote, write_note
from app.worklists.snoozes.commands import SnoozeStay, snooze_stay
from app.worklists.snoozes.terms import ReturnTime, SnoozeReason

MORNINGS = 4  # owners are known of stays that are open, so older sheets would name nobody
EVENING = time(17, 30)
NOTES = (
    "Daughter visits at four and wants to talk about going home.",
    "Asked the ward for the walking test before rounds.",
    "Lives alone on the second floor, no lift.",
    "Prefers to be called in the afternoon.",
)
ASIDE = (
    (3, SnoozeStay(reason=SnoozeReason.RESULT, until=ReturnTime.TOMORROW)),
    (5, SnoozeStay(reason=SnoozeReason.STABLE, until=ReturnTime.CHANGE)),
)


def live_a_day(simulation: Simulation) -> None:
    """Yesterday evening everybody looked at their stays; since then they wrote and put aside a little."""
    now, zone = simulation.plan.now, simulation.plan.zone
    yesterday = local_day(now, zone) - ONE_DAY
    for person, key in _case_managers(simulation):
        who = System(person.name, Scope(everywhere=True), actor_id=key)
        with reading(everywhere("demo")) as view:
            query = (
                "select a.encounter_id, e.patient_id from assignment a join encounter e on e.id = a.encounter_id"
                " where a.user_id = %s and a.ended_at is null and e.status in ('admitted', 'on_leave')"
                " order by e.admit_at, e.id"
            )
            own = view.connection.execute(query, (key,)).fetchall()
        if not own:
            continue
        seen = Disclosure("GET /worklists/{name:str}", [patient for _, patient in own])
        disclose(who, seen, at=instant_of(yesterday, EVENING, zone))
        _work_on(who, [stay for stay, _ in own], now)


def _case_managers(simulation: Simulation) -> list[tuple[Member, uuid.UUID]]:
    with reading(everywhere("demo")) as view:
        known = dict(view.connection.execute("select name, id from app_user").fetchall())
    return [(one, known[one.name]) for one in cast(simulation.physicians) if one.units]


def _work_on(who: System, stays: list[uuid.UUID], now: datetime) -> None:
    for number, text in enumerate(NOTES):
        if number < len(stays):
            with begin(who, at=now - timedelta(minutes=50 - number * 7)) as work:
                write_note(work, stays[number], WriteNote(text=text, pinned=number == 0))
    for number, ask in ASIDE:
        if number < len(stays):
            with begin(who, at=now - timedelta(minutes=20 - number)) as work:
                snooze_stay(work, stays[number], ask)


def build_present_day(simulation: Simulation) -> None:
    """The sheets of the day on which the history ends."""
    _build(simulation, [0])


def build_earlier_days(simulation: Simulation) -> None:
    """The sheets of the mornings before, once the stays that have left are known too."""
    first = local_day(simulation.plan.start, simulation.plan.zone)
    today = local_day(simulation.plan.now, simulation.plan.zone)
    _build(simulation, [back for back in range(1, MORNINGS) if today - timedelta(days=back + 1) >= first])


def _build(simulation: Simulation, days_back: list[int]) -> None:
    with reading(WHO) as view:
        places = facilities(view)
        written = set(view.connection.execute("select facility_id, day from day_sheet").fetchall())
    for one in places:
        present = present_day(simulation.plan.now, one.build_at, one.zone)
        for day in (present - timedelta(days=back) for back in days_back):
            if (one.id, day) not in written:
                _build_then(one, day)


def _build_then(one: Due, day: date) -> None:
    """Write the sheet of a morning that has passed, from what was known in it."""
    due = due_at(day, one.build_at, one.zone)
    with begin(WHO, at=due) as work:
        _look_at(work, due)
        write_sheet(work, one, Edition(day, 1))
        _look_at(work, None)


def _look_at(work: Work, moment: datetime | None) -> None:
    """Turn the statements of this transaction to what was known at an earlier instant, or back to the present."""
    work.as_of = moment
    path, instant = ("as_of, public", moment.isoformat()) if moment else ("public", "")
    work.connection.execute(
        "select set_config('search_path', %s, true), set_config('app.as_of', %s, true)", (path, instant)
    )
