"""What is owed follows the messages of a feed: late, cancelled, corrected, united; what was known stays readable."""

import threading
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from app.clocks import commands, engine
from app.clocks import gather as gathering
from app.clocks.events import ClocksSwept
from app.clocks.facts import Event
from app.clocks.gather import collect, gather
from app.clocks.registry import RULES
from app.clocks.terms import Line
from app.clocks.upkeep.sweeping import sweep
from app.platform.work import begin, everywhere, reading
from app.worklists.notes.commands import WriteNote, write_note
from tests.support.feed import Telling
from tests.support.world import NOW, World

ME = everywhere("test")
ADMITTED = "A01 | rec 03-04 10:00 | occ 03-04 10:00 | bed 4W^401^A | ins MEDICARE\n"
LEFT = "A03 | rec 03-05 09:00 | occ 03-05 09:00 | bed 4W^401^A | disp 01 | ins MEDICARE\n"
BACK = "A13 | rec 03-05 09:30 | occ 03-05 09:30 | bed 4W^401^A | ins MEDICARE\n"
NEVER_WAS = "A11 | rec 03-05 09:30 | occ 03-05 09:30 | bed 4W^401^A\n"
TO_OBSERVATION = "A07 | rec 03-05 08:00 | occ 03-05 08:00 | bed 4W^401^A | class O | type OBS | ins MEDICARE\n"
OTHER_NUMBER = ADMITTED.replace("A01", "A01 | visit V200 | patient M200").replace("401^A", "402^A")


@pytest.fixture(autouse=True)
def every_rule_shown() -> Iterator[None]:
    before = commands.shown_rules()
    commands.show(RULES)
    yield
    commands.show(before)


def owed(
    visit: str = "V100", as_of: datetime | None = None
) -> dict[str, tuple[bool, datetime | None, datetime | None]]:
    """What is stored of a stay: whether it is required, due, closed."""
    with reading(ME, as_of=as_of) as view:
        rows = view.rows(
            lambda *row: row,
            "select o.rule, o.required, o.due_at, o.closed_at from obligation o join encounter e"
            " on e.id = o.encounter_id where o.ended_at is null and e.visit_number = %s",
            (visit,),
        )
    return {row[0]: row[1:] for row in rows}


def stay_of(visit: str) -> uuid.UUID:
    with reading(ME) as view:
        return uuid.UUID(str(view.value("select id from encounter where visit_number = %s", (visit,))))


def test_an_inpatient_made_an_outpatient_owes_the_notice_of_the_change(world: World):
    feed = Telling(world, live=True)
    feed.tell(ADMITTED, at=NOW - timedelta(days=1))
    assert "N-MCSN" not in owed() and owed()["N-IM1"][0]

    feed.tell(TO_OBSERVATION)

    assert owed()["N-MCSN"][0]
    assert not owed().get("N-IM1", (False,))[0]
    assert owed(as_of=NOW - timedelta(hours=2))["N-IM1"][0]


def test_a_discharge_taken_back_leaves_what_was_owed_before(world: World):
    feed = Telling(world, live=True)
    feed.tell(ADMITTED, at=NOW - timedelta(hours=3))
    before = owed()
    feed.tell(LEFT, at=NOW - timedelta(hours=2))
    assert "TCM-2BD" in owed() or owed() != before

    feed.tell(BACK, at=NOW - timedelta(hours=1))

    assert owed() == before
    assert owed(as_of=NOW - timedelta(minutes=90)) != before


def test_an_admission_that_never_was_owes_nothing(world: World):
    feed = Telling(world, live=True)
    feed.tell(ADMITTED, at=NOW - timedelta(hours=1))
    assert owed()

    feed.tell(NEVER_WAS)

    assert owed() == {}
    assert owed(as_of=NOW - timedelta(minutes=30))["N-IM1"][0]


def test_a_message_that_comes_late_moves_the_clock_back_to_its_true_time(world: World):
    feed = Telling(world)
    feed.tell("A08 | rec 03-05 09:00 | bed 4W^401^A | class I | ins MEDICARE\n", at=NOW - timedelta(minutes=30))
    later = owed()["N-IM1"][1]

    feed.tell(ADMITTED)

    assert later is not None and owed()["N-IM1"][1] == datetime(2026, 3, 7, 5, 59, 59, tzinfo=UTC)
    assert owed()["N-IM1"][1] < later


def test_a_person_with_two_records_keeps_both_stays_clocks(world: World):
    feed = Telling(world)
    feed.tell(ADMITTED + OTHER_NUMBER)
    before = owed(), owed("V200")

    feed.tell("A40 | patient M100 | mrg M200 | rec 03-05 09:00\n")

    assert (owed(), owed("V200")) == before


def test_a_number_that_became_part_of_another_stay_owes_nothing_of_its_own(world: World):
    feed = Telling(world)
    feed.tell(ADMITTED + ADMITTED.replace("A01", "A01 | visit V200"))
    assert owed("V200")
    gone = stay_of("V200")

    feed.tell("A42 | visit V100 | mrg M100 | mrg-visit V200 | rec 03-05 09:00\n")

    with reading(ME) as view:
        assert view.value("select gone_at is not null from encounter where id = %s", (gone,))
        assert view.value("select count(*) from obligation where encounter_id = %s and ended_at is null", (gone,)) == 0
    assert owed()["N-IM1"][0]


def test_a_note_computes_no_clock(world: World, monkeypatch: pytest.MonkeyPatch):
    Telling(world).tell(ADMITTED)
    computed: list[str] = []
    monkeypatch.setattr(commands, "obligations", lambda facts: computed.append(facts.id) or engine.obligations(facts))

    with begin(world.viewer("dana")) as work:
        write_note(work, stay_of("V100"), WriteNote(text="Daughter arrives on Friday."))
    assert computed == []

    Telling(world, first=5).tell(LEFT)
    assert computed == [str(stay_of("V100"))]


def test_two_at_once_compute_one_after_the_other(world: World):
    """The second waits for the first, and then sees what it has committed."""
    Telling(world).tell(ADMITTED)
    stay, held, done = stay_of("V100"), threading.Event(), threading.Event()

    def second() -> None:
        held.wait(10)
        with begin(ME, at=NOW) as work:
            collect(work, [stay], lock=True)
            done.set()

    other = threading.Thread(target=second)
    other.start()
    with begin(ME, at=NOW) as work:
        collect(work, [stay], lock=True)
        held.set()
        assert not done.wait(0.3)
    other.join(10)
    assert done.is_set()


def test_days_of_coverage_limit_it_and_nonsense_does_not(world: World):
    feed = Telling(world)
    feed.tell(ADMITTED)
    with begin(ME, at=NOW) as work:
        stay = stay_of("V100")
        work.connection.execute("update coverage set starts_text = '20260101', ends_text = '20260304'")
        (facts,) = gather(work, [stay])
        assert [(one.line, one.begins, one.ends) for one in facts.coverage] == [
            (Line.MEDICARE_FFS, date(2026, 1, 1), date(2026, 3, 4))
        ]
        work.connection.execute("update coverage set starts_text = '20260304', ends_text = '19990101'")
        (facts,) = gather(work, [stay])
        assert (facts.coverage[0].begins, facts.coverage[0].ends) == (None, None)
        work.connection.execute("update coverage set starts_text = '20269999', ends_text = 'never'")
        (facts,) = gather(work, [stay])
        assert (facts.coverage[0].begins, facts.coverage[0].ends) == (None, None)
        work.connection.execute("update coverage set starts_text = '', ends_text = ''")
        commands.refresh(work, [stay])
        work.record(ClocksSwept(stays=1, changed=0))


def test_facts_that_cannot_be_put_together_are_a_fault_of_that_stay_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    feed = Telling(world)
    feed.tell(ADMITTED + OTHER_NUMBER)
    bad = stay_of("V200")
    whole = gathering._moves

    def broken(stay: gathering._Stay, rows: Sequence[gathering._Row]) -> Iterable[Event]:
        if stay.id == bad:
            raise OverflowError("Rivera, 5 March")
        return whole(stay, rows)

    monkeypatch.setattr(gathering, "_moves", broken)
    feed.tell(LEFT + LEFT.replace("A03", "A03 | visit V200 | patient M200").replace("401^A", "402^A"))

    assert "BN-60" in owed() and "BN-60" not in owed("V200")
    assert "N-IM1" in owed("V200")
    with reading(ME) as view:
        assert view.values("select encounter_id from clock_fault where closed_at is null") == [bad]
        assert view.value("select status from encounter where id = %s", (bad,)) == "discharged"
    assert "Rivera" not in caplog.text
    monkeypatch.undo()
    commands.show(RULES)
    assert sweep(NOW) == 2
    assert "BN-60" in owed("V200")
    with reading(ME) as view:
        assert view.values("select encounter_id from clock_fault where closed_at is null") == []
