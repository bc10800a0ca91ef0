"""Recording, correcting, striking out: what is refused, what is locked, what stays readable, and what reports read."""

import uuid
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.avoidable_days.commands import AmendDay, RecordDelay, amend_day, record_delay, strike_day, strike_delay
from app.avoidable_days.drafts.commands import RejectDraft, confirm_draft, reject_draft
from app.avoidable_days.drafts.queries import waiting
from app.avoidable_days.drafts.storing import sweep
from app.avoidable_days.events import DraftsComputed
from app.avoidable_days.queries import entries_by_day, entries_frame
from app.avoidable_days.reasons.commands import (
    SetCost,
    SetPolicy,
    WordReason,
    end_cost,
    set_cost,
    set_policy,
    word_reason,
)
from app.avoidable_days.reasons.costs import price_lists
from app.avoidable_days.terms import RejectReason
from app.clocks.facts import Event
from app.clocks.terms import EventKind
from app.kernel.refusal import Refused
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.web.fields import StrikeOut
from tests.avoidable_days.stories import local
from tests.avoidable_days.support import READY, RECORD, Planted, admitted, barrier, drafts, history, record
from tests.support.feed import Telling
from tests.support.world import NOW, World

MON, TUE, WED = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
LATE = NOW + timedelta(days=40)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Planted:
    return Planted(monkeypatch)


@pytest.fixture
def stay(world: World, planted: Planted) -> uuid.UUID:
    found = admitted(world)
    planted.happened(found, READY)
    return found


def amend(world: World, entry: uuid.UUID, name: str = "dana", now=NOW, **said: object):
    with begin(world.viewer(name).acting(RECORD), at=now) as work:
        return amend_day(work, entry, AmendDay.model_validate({"because": "It was another", **said}))


def test_the_reason_says_who_answers_and_a_person_may_say_otherwise(world: World, stay: uuid.UUID):
    plain = record(world, stay, day=MON, code="PA-06")
    assert (plain.party_kind, plain.party, plain.controllable) == ("vendor", "HHA", "N")

    with pytest.raises(Refused) as refused:
        record(world, stay, day=TUE, code="PA-06", controllable="Y")
    assert refused.value.field == "controllable_because"
    other = record(
        world, stay, day=TUE, code="PA-06", controllable="Y", controllable_because="We asked too late",
        party_kind="department", party="Case management",
    )  # fmt: skip
    assert (other.party, other.controllable, other.origin, other.rule) == (
        "Case management",
        "Y",
        "changed",
        "AD-READY",
    )


def test_one_primary_and_two_contributing_reasons_of_weight_nothing(world: World, stay: uuid.UUID):
    record(world, stay, day=MON, code="PA-01")
    for code in ("PF-01", "PY-02"):
        assert record(world, stay, day=MON, code=code, weight="contributing").amount == 0
    for wrong in ({"code": "PF-07"}, {"code": "PF-07", "weight": "contributing"}, {"code": "PA-01"}):
        with pytest.raises(Refused):
            record(world, stay, day=MON, **wrong)

    assert sum(one.amount for one in history(stay)) == 1


def test_the_override_of_the_tie_rule_is_kept_with_who_and_why(world: World, planted: Planted, stay: uuid.UUID):
    planted.happened(stay, barrier("2026-03-01 09:00", "PA-01"))

    with pytest.raises(Refused) as refused:
        record(world, stay, day=MON, code="PY-02")
    assert refused.value.field == "override"
    made = record(world, stay, day=MON, code="PY-02", override="A bed was free; the payer had not decided")

    assert (made.proposed, made.override) == ("PA-01", "A bed was free; the payer had not decided")
    assert made.recorded_by == world.user["dana"]


def test_an_appeal_holds_the_day(world: World, planted: Planted, stay: uuid.UUID):
    planted.happened(stay, Event(kind=EventKind.QIO_NOTIFIED, at=local("2026-03-02 15:00"), subject="q1"))

    with pytest.raises(Refused) as refused:
        record(world, stay, day=MON, code="PA-01")

    assert refused.value.field == "override"
    assert record(world, stay, day=MON, code="SL-07").controllable == "N"


def test_a_locked_day_is_changed_only_by_who_may_and_with_a_reason(world: World, stay: uuid.UUID):
    made = record(world, stay, day=MON, code="PA-01")
    with pytest.raises(Refused):
        amend(world, made.entry_id, now=LATE, day=MON, code="PA-02")
    with pytest.raises(Refused):
        record(world, stay, now=LATE, day=TUE, code="PA-01", lock_reason="Found late")
    with pytest.raises(Refused) as refused:
        amend(world, made.entry_id, "dora", LATE, day=MON, code="PA-02")
    assert refused.value.field == "lock_reason"

    changed = amend(
        world, made.entry_id, "dora", LATE, day=MON, code="PA-02", lock_reason="The vendor said so in April"
    )

    assert changed.lock_reason == "The vendor said so in April"
    with pytest.raises(Refused), begin(world.viewer("dana").acting(RECORD), at=LATE) as work:
        strike_day(work, made.entry_id, StrikeOut(reason="Not so"))
    assert [one.code for one in history(stay)] == ["PA-02", "PA-01"]


def test_every_version_stays_readable(world: World, stay: uuid.UUID):
    made = record(world, stay, day=MON, code="PA-01")
    amend(world, made.entry_id, day=MON, code="PA-02", because="A ventilator")
    with pytest.raises(Refused):
        amend(world, made.entry_id, day=TUE, code="PA-02")
    with begin(world.viewer("lee").acting(RECORD), at=NOW) as work:
        strike_day(work, made.entry_id, StrikeOut(reason="Wrong stay"))
    with pytest.raises(Refused):
        amend(world, made.entry_id, day=MON, code="PA-03")

    assert [(one.code, one.ended_because, one.ended_reason) for one in history(stay)] == [
        ("PA-02", "struck_out", "Wrong stay"), ("PA-01", "amended", "A ventilator"),
    ]  # fmt: skip
    with reading(everywhere("test"), as_of=NOW - timedelta(minutes=1)) as db:
        assert entries_by_day(db, [stay])[stay] == {}


def test_delays_are_kept_apart(world: World, stay: uuid.UUID):
    said = RecordDelay(since_on=TUE, since_at="08:00", until_on=TUE, until_at="14:00", code="imaging read")
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        made = record_delay(work, stay, said)
    assert (made.code, made.party) == ("HS-03", "radiology")
    with begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        strike_delay(work, made.id, StrikeOut(reason="Another patient"))
    with pytest.raises(Refused), begin(world.viewer("dana").acting(RECORD), at=NOW) as work:
        strike_delay(work, made.id, StrikeOut(reason="Another patient"))
    assert history(stay) == []


def test_a_retired_reason_is_not_chosen_any_more_and_stays_readable(world: World, stay: uuid.UUID):
    record(world, stay, day=MON, code="PA-06")
    retired = WordReason(
        label="Home health capacity", definition="Not used here", party_kind="vendor", controllable="N", retired=True,
        begins=TUE,
    )  # fmt: skip
    with begin(world.viewer("dora").acting(Permission.AVOIDABLE_DAY_SET), at=NOW) as work:
        word_reason(work, world.facility["NORTH"], "PA-06", retired)

    with pytest.raises(Refused) as refused:
        record(world, stay, day=TUE, code="PA-06")
    assert refused.value.field == "code"
    with reading(everywhere("test")) as db:
        assert entries_by_day(db, [stay])[stay][MON].label == "Home health capacity"


def test_the_narrowest_cost_holds_else_a_published_average(world: World, database: object):
    north = world.facility["NORTH"]
    with begin(world.viewer("dora").acting(Permission.AVOIDABLE_DAY_SET), at=NOW) as work:
        set_policy(work, north, SetPolicy(ownership="government"))
        for setting, key, dollars in (("facility", "", 500), ("class", "OBS", 400), ("unit_kind", "intensive", 2100)):
            made = set_cost(
                work, north,
                SetCost(setting=setting, setting_key=key, dollars=dollars, convention="variable_direct",
                        source="Cost accounting", begins=TUE),
            )  # fmt: skip
    with reading(everywhere("test")) as db:
        prices = price_lists(db, [north])[north]
    found = [prices.price(WED, kind, klass) for kind, klass in (("ward", "IP"), ("ward", "OBS"), ("intensive", "OBS"))]
    assert [one.cents for one in found if one] == [50_000, 40_000, 210_000]
    before = prices.price(MON, "ward", "IP")
    assert before is not None and (before.cents, before.published) == (285_700, True)
    with begin(world.viewer("dora").acting(Permission.AVOIDABLE_DAY_SET), at=NOW) as work:
        end_cost(work, made.id)
    with pytest.raises(Refused), begin(world.viewer("dora").acting(Permission.AVOIDABLE_DAY_SET), at=NOW) as work:
        end_cost(work, made.id)


def test_the_frame_of_reports_knows_where_the_patient_was(world: World, stay: uuid.UUID):
    Telling(world, first=70).tell("A02 | patient M1 | visit V1 | rec 03-03 12:00 | occ 03-03 12:00 | bed ICU^02^A\n")
    record(world, stay, day=MON, code="PA-01", party="Maple Terrace", hours=20)
    record(world, stay, day=TUE, code="PA-01", party="Maple Terrace")
    record(world, stay, day=TUE, code="PF-01", weight="contributing")

    with reading(world.viewer("dora")) as db:
        frame = entries_frame(db, [world.facility["NORTH"]], MON, WED)
        nothing = entries_frame(db, [world.facility["NORTH"]], WED, WED)

    assert nothing.height == 0 and nothing.columns == frame.columns
    assert frame.select("day", "unit", "unit_kind", "class", "code", "group", "amount", "vendor").rows() == [
        (MON, "4W", "ward", "IP", "PA-01", "PA", 1.0, "Maple Terrace"),
        (TUE, "ICU", "intensive", "IP", "PA-01", "PA", 1.0, "Maple Terrace"),
        (TUE, "ICU", "intensive", "IP", "PF-01", "PF", 0.0, ""),
    ]  # fmt: skip
    assert frame["amount"].sum() == frame.filter(pl.col("weight") == "primary")["amount"].sum() == 2
    assert frame["hours"].to_list() == [20.0, None, None]


@pytest.mark.parametrize("stays", [3, 25])
def test_lists_take_the_same_number_of_statements_however_many_stays(world: World, planted: Planted, stays: int):
    found = [admitted(world, number) for number in range(1, stays + 1)]
    for key in found:
        planted.events[key] = [READY]
    sweep(at=NOW)

    with reading(world.viewer("dana")) as db:
        asked: list[str] = []
        original = db.connection.cursor

        def counting(*args: object, **more: object) -> object:
            asked.append("statement")
            return original(*args, **more)  # type: ignore[call-overload]

        db.connection.cursor = counting  # type: ignore[method-assign]
        try:
            assert len(waiting(db, world.facility["NORTH"])) == 3 * stays
            days = entries_by_day(db, found)
        finally:
            del db.connection.cursor
    assert len(days) == stays and len(asked) <= 4


class Machine(RuleBasedStateMachine):
    """Days of one stay, answered, corrected and struck out in any order; a plain model knows what stands."""

    world: World
    stay: uuid.UUID

    def __init__(self) -> None:
        super().__init__()
        self.standing: dict[date, str] = {}

    @initialize()
    def clean(self) -> None:
        for one in history(self.stay):
            if one.ended_at is None:
                self._strike(one.entry_id)
        with begin(everywhere("test"), at=NOW) as work:
            work.write(
                "avoidable_rejection", "update avoidable_rejection set ended_at = %s where ended_at is null", (NOW,)
            )
            work.record(DraftsComputed(stays=1, changed=0))
        sweep(at=NOW)

    def _strike(self, entry: uuid.UUID) -> None:
        with begin(self.world.viewer("dana").acting(RECORD), at=NOW) as work:
            strike_day(work, entry, StrikeOut(reason="Taken back"))

    @rule(day=st.sampled_from([MON, TUE, WED]), code=st.sampled_from(["PA-01", "PF-07", "HS-02"]))
    def record_by_hand(self, day: date, code: str) -> None:
        try:
            record(self.world, self.stay, day=day, code=code)
        except Refused:
            assert day in self.standing
        else:
            assert day not in self.standing
            self.standing[day] = code

    @precondition(lambda self: drafts(self.stay))
    @rule(pick=st.integers(0, 2))
    def confirm(self, pick: int) -> None:
        one = drafts(self.stay)[pick % len(drafts(self.stay))]
        with begin(self.world.viewer("dana").acting(RECORD), at=NOW) as work:
            self.standing[one.day] = confirm_draft(work, one.id).code

    @precondition(lambda self: drafts(self.stay))
    @rule(reason=st.sampled_from([RejectReason.NEEDED, RejectReason.OTHER_REASON]))
    def reject(self, reason: RejectReason) -> None:
        with begin(self.world.viewer("dana").acting(RECORD), at=NOW) as work:
            reject_draft(work, drafts(self.stay)[0].id, RejectDraft(reason=reason))

    @precondition(lambda self: self.standing)
    @rule(code=st.sampled_from(["PA-02", "PY-02"]))
    def amend(self, code: str) -> None:
        one = next(one for one in history(self.stay) if one.ended_at is None)
        amend(self.world, one.entry_id, day=one.day, code=code)
        self.standing[one.day] = code

    @precondition(lambda self: self.standing)
    @rule()
    def strike(self) -> None:
        one = next(one for one in history(self.stay) if one.ended_at is None)
        self._strike(one.entry_id)
        del self.standing[one.day]

    @invariant()
    def what_stands_is_what_the_model_says_and_no_day_both_stands_and_waits(self) -> None:
        found = {one.day: one.code for one in history(self.stay) if one.ended_at is None}
        assert found == self.standing
        assert not {one.day for one in drafts(self.stay)} & set(found)


def test_the_life_of_entries_on_the_database(world: World, planted: Planted):
    stay = admitted(world)
    planted.happened(stay, READY)
    Machine.world, Machine.stay = world, stay
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=6, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
