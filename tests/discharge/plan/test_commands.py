"""The plan on a database: versions, undo, true times, what the clocks learn, what was known earlier."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.census.events import EncounterUpdated
from app.clocks.gather import gather
from app.clocks.terms import EventKind, RecordKind
from app.discharge.plan import commands, queries
from app.discharge.plan.barriers.commands import AmendBarrier, amend_barrier
from app.discharge.plan.commands import LookAtPlan, look_at_plan, take_look_back
from app.discharge.plan.items.commands import AmendItem, amend_item
from app.discharge.plan.items.queries import items
from app.discharge.plan.lights.queries import lights_of
from app.discharge.plan.source import facts
from app.discharge.ready import queries as ready
from app.discharge.ready.commands import StrikeStatement, strike_out
from app.discharge.ready.rules import Span
from app.discharge.terms import Light, LightName
from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from tests.discharge.plan.support import block, expect, move, say, send, step, write
from tests.support.feed import Telling
from tests.support.stays import StaySpec, add_stay
from tests.support.world import NOW, World

HOUR = timedelta(hours=1)


def events(name: str) -> list[dict[str, Any]]:
    with reading(everywhere("test")) as db:
        return db.values("select facts from audit_event where name = %s order by id", (name,))


def learned(stay: uuid.UUID) -> tuple[list[tuple[EventKind, Any]], list[tuple[RecordKind, str]]]:
    with reading(everywhere("test")) as db:
        [facts] = gather(db, [stay])
    return [(one.kind, one.until) for one in facts.events], [(one.kind, one.subject) for one in facts.records]


def test_an_expected_date_is_set_by_days_from_today_moved_and_kept(world: World):
    stay = add_stay(world)
    expect(world, stay, days=2)
    expect(world, stay, at=NOW + HOUR, expected_on="2026-03-06", because="payer", confidence="unsure")

    with reading(everywhere("test")) as db:
        now = queries.expected_date(db, stay)
        all_ = queries.expected_dates(db, [stay], ended=True)
    assert now is not None and (now.expected_on, now.confidence) == (date(2026, 3, 6), "unsure")
    assert [(one.expected_on, one.ended_because) for one in all_] == [
        (date(2026, 3, 7), "replaced"),
        (date(2026, 3, 6), ""),
    ]


def test_the_same_date_again_is_refused_and_a_day_that_is_over_too(world: World):
    stay = add_stay(world)
    expect(world, stay, days=2)
    for said in ({"days": 2}, {"expected_on": "2026-03-04"}, {}):
        with pytest.raises(Refused) as refused:
            expect(world, stay, at=NOW + HOUR, **said)
        assert refused.value.field == "expected_on"


def test_undo_of_a_moved_date_sets_what_stood_before_and_undo_of_the_first_leaves_none(world: World):
    stay = add_stay(world)
    first = expect(world, stay, days=2, detail="after the echo")
    second = expect(world, stay, at=NOW + HOUR, days=1)
    with begin(world.viewer("dana"), at=NOW + 2 * HOUR) as work:
        commands.undo_expected_date(work, second)
    with reading(everywhere("test")) as db:
        now = queries.expected_date(db, stay)
    assert now is not None and (now.expected_on, now.detail) == (date(2026, 3, 7), "after the echo")
    with pytest.raises(Refused), begin(world.viewer("dana"), at=NOW + 3 * HOUR) as work:
        commands.undo_expected_date(work, first)

    other = add_stay(world)
    only = expect(world, other, days=1)
    with begin(world.viewer("dana"), at=NOW + HOUR) as work:
        commands.undo_expected_date(work, only)
    with reading(everywhere("test")) as db:
        assert queries.expected_date(db, other) is None
    assert EventKind.EXPECTED_DISCHARGE not in [kind for kind, _ in learned(other)[0]]


def test_the_clocks_learn_dates_barriers_and_looks(world: World):
    stay = add_stay(world)
    expect(world, stay, days=2)
    expect(world, stay, at=NOW + HOUR, days=5)
    barrier = block(world, stay, "pasrr", at=NOW + 2 * HOUR, due_on="2026-03-06")
    step(world, barrier, "resolve", at=NOW + 3 * HOUR)
    with begin(world.viewer("dana"), at=NOW + 4 * HOUR) as work:
        look_at_plan(work, stay, LookAtPlan())

    found, records = learned(stay)
    assert [kind for kind, _ in found].count(EventKind.EXPECTED_DISCHARGE) == 2
    assert [kind for kind, _ in found].count(EventKind.PLAN_CHANGED) == 2
    assert (RecordKind.BARRIER_RESOLVED, str(barrier)) in records
    assert RecordKind.PLAN in [kind for kind, _ in records]
    with reading(everywhere("test")) as db:
        [facts] = gather(db, [stay])
        query = "select rule, closed_at from obligation where encounter_id = %s and ended_at is null"
        owed = dict(db.rows(lambda rule, closed: (rule, closed), query, (stay,)))
    [blocked] = [one for one in facts.events if one.kind is EventKind.BARRIER_OPEN]
    assert (blocked.code, blocked.party, blocked.subject) == ("SL-03", "Social work", str(barrier))
    assert owed["DP-EDD"] is None
    assert owed["DP-REEVAL"] is not None
    assert owed["DP-BARRIER"] == NOW + 3 * HOUR


def test_a_class_that_changed_before_anybody_planned_asks_for_no_other_look(world: World):
    watched = "A01 | rec 03-03 10:00 | occ 03-03 10:00 | bed 4W^401^A | class O | type OBS\n"
    Telling(world).tell(watched + "A06 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | class I\n")
    with reading(everywhere("test")) as db:
        stay = db.value("select id from encounter where gone_at is null")
    block(world, stay, "pasrr", on="2026-03-03", clock="12:00")
    changes = [at for kind, at in _times(stay) if kind is EventKind.PLAN_CHANGED]
    assert changes == [NOW], "the barrier alone, although it began before the class changed"

    Telling(world, first=20).tell(
        "A07 | rec 03-05 11:00 | occ 03-05 11:00 | bed 4W^401^A | class O | type OBS\n", at=NOW + 2 * HOUR
    )
    assert [kind for kind, _ in _times(stay)].count(EventKind.PLAN_CHANGED) == 2


def _times(stay: uuid.UUID) -> list[tuple[EventKind, datetime]]:
    with reading(everywhere("test")) as db:
        return [(one.kind, one.at) for lent in facts(db, [stay]) for one in lent.events]


def test_a_look_that_is_taken_back_closes_nothing(world: World):
    stay = add_stay(world)
    with begin(world.viewer("dana"), at=NOW) as work:
        look = look_at_plan(work, stay, LookAtPlan(note="holds")).id
    with begin(world.viewer("dana"), at=NOW + HOUR) as work:
        take_look_back(work, look)
    assert RecordKind.PLAN not in [kind for kind, _ in learned(stay)[1]]
    with pytest.raises(Refused), begin(world.viewer("dana"), at=NOW + HOUR) as work:
        take_look_back(work, look)


def test_a_disposition_has_a_second_choice_that_differs_and_only_places_can_be_chosen(world: World):
    stay = add_stay(world)
    send(world, stay, "snf", backup="home_health", agreed_with="daughter")
    with pytest.raises(Refused) as refused:
        send(world, stay, "irf", backup="irf")
    assert refused.value.field == "backup"
    with pytest.raises(ValueError, match="Choose one"):
        send(world, stay, "transport")
    with pytest.raises(Refused):
        send(world, stay, "other")
    changed = send(world, stay, "irf", at=NOW + HOUR)
    with begin(world.viewer("dana"), at=NOW + 2 * HOUR) as work:
        commands.undo_disposition(work, changed)
    with reading(everywhere("test")) as db:
        going = queries.disposition(db, stay)
    assert going is not None and (going.to, going.backup, going.agreed_with) == ("snf", "home_health", "daughter")


def test_a_barrier_begins_in_the_past_waits_is_resolved_and_opens_again(world: World):
    stay = add_stay(world)
    barrier = block(world, stay, "choice", on="2026-03-04", clock="08:00")
    assert step(world, barrier, "wait", at=NOW + HOUR, note="family decides on Friday") == "waiting"
    assert step(world, barrier, "resolve", at=NOW + 2 * HOUR) == "resolved"
    assert step(world, barrier, "reopen", at=NOW + 3 * HOUR, note="the place declined") == "open"
    with reading(everywhere("test")) as db:
        [one] = queries.open_barriers(db, [stay])[stay]
        versions = queries.barriers(db, [stay], ended=True)
    assert one.began_at == NOW.replace(day=4, hour=14, minute=0)
    assert [version.state for version in versions] == ["open", "waiting", "resolved", "open"]
    assert len(events("plan.barrier_raised")) == 2


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "other"}, "detail"),
        ({"kind": "choice", "on": "2026-03-01", "clock": "08:00"}, "on"),
        ({"kind": "choice", "on": "2026-03-05", "clock": "23:00"}, "on"),
        ({"kind": "choice", "due_on": "2026-03-04"}, "due_on"),
        ({"kind": "choice", "due_time": "10:00"}, "due_on"),
    ],
)
def test_a_barrier_that_cannot_be_is_refused_with_its_field(world: World, said: dict[str, str], field: str):
    stay = add_stay(world)
    with pytest.raises(Refused) as refused:
        block(world, stay, **said)
    assert refused.value.field == field


def test_steps_that_say_nothing_without_words_ask_for_them(world: World):
    barrier = block(world, add_stay(world))
    for action in ("wait", "strike_out"):
        with pytest.raises(Refused) as refused:
            step(world, barrier, action)
        assert refused.value.field == "note"


def test_a_corrected_barrier_keeps_its_key_and_its_first_entry(world: World):
    stay = add_stay(world)
    barrier = block(world, stay, "choice")
    with begin(world.viewer("dana"), at=NOW + HOUR) as work:
        amend_barrier(work, barrier, AmendBarrier.model_validate(
            {"kind": "caregiver", "detail": "son works nights", "owner_id": str(world.user["sol"]), "on": "2026-03-04",
             "at": "10:00"}))  # fmt: skip
    with reading(everywhere("test")) as db:
        [one] = queries.barriers(db, [stay])
    assert (one.barrier_id, one.raised_at, one.words, one.party) == (
        barrier, NOW, "Caregiver: son works nights", "Sol Werner",
    )  # fmt: skip


def test_items_are_reached_and_opened_again(world: World):
    stay = add_stay(world)
    goal = write(world, stay, "goal", wording="Climb the stairs", measure="steps", target="12", due_on="2026-03-07")
    task = write(world, stay, "task", wording="Call the daughter", discipline="social_work")
    milestone = write(world, stay, "milestone", kind="wean", due_on="2026-03-04")
    assert move(world, goal, "finish", at=NOW + HOUR) == "done"
    assert move(world, goal, "reopen", at=NOW + 2 * HOUR) == "open"
    assert move(world, task, "set_aside", note="she came by") == "not_needed"
    with begin(world.viewer("dana"), at=NOW + HOUR) as work:
        amend_item(work, milestone, AmendItem.model_validate({"part": "milestone", "kind": "wean", "wording": "2 L"}))
    with reading(everywhere("test")) as db:
        assert {one.words: one.state for one in items(db, [stay])} == {
            "Climb the stairs": "open", "Call the daughter": "not_needed", "Wean: 2 L": "open",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("part", "said", "field"),
    [
        ("milestone", {}, "kind"),
        ("milestone", {"kind": "other"}, "wording"),
        ("task", {"wording": "Call"}, "discipline"),
        ("goal", {"wording": "Walk"}, "measure"),
        ("goal", {"wording": "Walk", "measure": "steps"}, "due_on"),
    ],
)
def test_an_item_that_says_too_little_is_refused(world: World, part: str, said: dict[str, str], field: str):
    stay = add_stay(world)
    with pytest.raises(Refused) as refused:
        write(world, stay, part, **said)
    assert refused.value.field == field


def test_three_times_stay_apart_and_a_physician_states_in_person(world: World):
    stay = add_stay(world)
    with pytest.raises(Refused) as refused:
        say(world, stay, "ready", physician="")
    assert refused.value.field == "physician"
    first = say(world, stay, "ready", name="paul")
    say(world, stay, "ordered", at=NOW + HOUR)
    with reading(everywhere("test")) as db:
        assert ready.ready_since(db, [stay]) == {stay: NOW}
        assert ready.ordered_since(db, [stay]) == {stay: NOW + HOUR}
        said = {one.kind: (one.physician, one.on_word) for one in ready.statements(db, [stay])}
    assert said == {"ready": ("Paul Adeyemi, MD", False), "ordered": ("Dr Lind", True)}
    say(world, stay, "not_ready", at=NOW + 2 * HOUR, reason="fever")
    with reading(everywhere("test")) as db:
        assert ready.ready_spans(db, [stay]) == {stay: [Span(NOW, NOW + 2 * HOUR)]}
        assert ready.ordered_since(db, [stay]) == {stay: NOW + HOUR}
    with pytest.raises(Refused), begin(world.viewer("dana"), at=NOW + 3 * HOUR) as work:
        strike_out(work, first, StrikeStatement(reason="a mistake"), own=False)
    assert [one["because"] for one in events("discharge.no_longer_ready")] == ["cleared"]


def test_a_word_against_readiness_that_is_struck_out_makes_the_patient_ready_again(world: World):
    stay = add_stay(world)
    say(world, stay, "ready")
    against = say(world, stay, "not_ready", at=NOW + HOUR, reason="fever")
    with begin(world.viewer("dana"), at=NOW + 2 * HOUR) as work:
        strike_out(work, against, StrikeStatement(reason="another patient"), own=False)
    with reading(everywhere("test")) as db:
        assert ready.ready_since(db, [stay]) == {stay: NOW}
    assert len(events("discharge.medically_ready")) == 2
    with pytest.raises(Refused), begin(world.viewer("dana"), at=NOW + 3 * HOUR) as work:
        strike_out(work, against, StrikeStatement(reason="again"), own=False)


def test_a_physician_strikes_out_only_the_own_statement(world: World):
    stay = add_stay(world)
    told = say(world, stay, "ready")
    with pytest.raises(Refused), begin(world.viewer("paul").acting(Permission.READY_SET), at=NOW + HOUR) as work:
        strike_out(work, told, StrikeStatement(reason="not mine"), own=True)


def test_nothing_is_stated_of_another_hospital(world: World):
    stay = add_stay(world, StaySpec(facility="SOUTH"))
    for deed in (lambda: expect(world, stay, days=1), lambda: block(world, stay), lambda: say(world, stay, "ready")):
        with pytest.raises(NotFound):
            deed()


def test_what_was_known_earlier_is_shown_as_of_then(world: World):
    stay = add_stay(world)
    expect(world, stay, days=2)
    barrier = block(world, stay, at=NOW + HOUR)
    step(world, barrier, "resolve", at=NOW + 2 * HOUR)
    expect(world, stay, at=NOW + 3 * HOUR, days=4)
    with reading(world.viewer("dana"), as_of=NOW + HOUR + timedelta(minutes=5)) as db:
        then = queries.expected_date(db, stay)
        assert then is not None and then.expected_on == date(2026, 3, 7)
        assert [one.state for one in queries.barriers(db, [stay])] == ["open"]
    with reading(world.viewer("dana"), as_of=NOW + 4 * HOUR) as db:
        assert [one.state for one in queries.barriers(db, [stay])] == ["resolved"]


def test_lights_of_any_number_of_stays_take_the_same_number_of_queries(world: World, monkeypatch: pytest.MonkeyPatch):
    stays = [add_stay(world) for _ in range(12)]
    for stay in stays:
        send(world, stay, "home")
        block(world, stay, "ride")
    asked: list[str] = []
    with reading(world.viewer("dana")) as db:
        rows = type(db).rows

        def counted(self: Any, shape: Any, query: str, parameters: Any = None) -> Any:
            asked.append(query)
            return rows(self, shape, query, parameters)

        monkeypatch.setattr(type(db), "rows", counted)
        found = lights_of(db, stays)
        many = len(asked)
        lights_of(db, stays[:3])
    assert len(found) == 12 and len(asked) == 2 * many
    transport = next(one for one in found[stays[0]] if one.name is LightName.TRANSPORT)
    assert (transport.state, transport.why) == (Light.RED, "Ride, clothing or keys: open.")


def test_a_date_that_is_moved_earlier_is_looked_at_on_the_same_day(world: World):
    """RULES 4.3, DP5."""
    stay = add_stay(world)
    expect(world, stay, days=5)
    expect(world, stay, at=NOW + HOUR, days=2)
    with reading(everywhere("test")) as db:
        due = db.value(
            "select due_at from obligation where encounter_id = %s and rule = 'DP-REEVAL' and ended_at is null", (stay,)
        )
    assert due is not None and due.astimezone(ZoneInfo("America/Chicago")).date() == date(2026, 3, 5)


def test_what_was_planned_for_a_number_counts_for_the_stay_of_which_it_is_part(world: World):
    part, whole = add_stay(world), add_stay(world)
    expect(world, part, days=2)
    barrier = block(world, part)
    say(world, part, "ready")
    with begin(everywhere("test"), at=NOW + HOUR) as work:
        work.write("encounter", "update encounter set gone_at = %s, united_into_id = %s where id = %s",
                   (NOW + HOUR, whole, part))  # fmt: skip
        work.record(EncounterUpdated(encounter_id=whole, facility_id=world.facility["NORTH"], changed=()))
    with reading(everywhere("test")) as db:
        assert queries.expected_date(db, whole).expected_on == date(2026, 3, 7)
        assert [one.barrier_id for one in queries.open_barriers(db, [whole])[whole]] == [barrier]
        assert ready.ready_since(db, [whole]) == {whole: NOW}
    expect(world, whole, at=NOW + 2 * HOUR, days=4)
    assert step(world, barrier, "resolve", at=NOW + 2 * HOUR) == "resolved"
    with reading(everywhere("test")) as db:
        assert queries.expected_date(db, whole).expected_on == date(2026, 3, 9)
        assert [one.ended_because for one in queries.expected_dates(db, [whole], ended=True)] == ["replaced", ""]
        assert queries.open_barriers(db, [whole]) == {}
