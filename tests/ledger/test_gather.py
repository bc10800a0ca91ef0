"""Ledgers out of the tables: what each feature recorded lands in its lane, merged stays count once, files add up."""

import io
import random
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from app.census.exports import Form
from app.clocks.settings.policies import SetTerm, set_term
from app.ledger.checking import check
from app.ledger.exporting import COLUMNS, AskLedger, export_ledger
from app.ledger.gather import gather
from app.ledger.rules import ledger
from app.ledger.terms import Necessary
from app.payers.requests.terms import Action, Days
from app.platform.work import begin, everywhere, reading
from tests.ledger.support import exported, found, lanes, ledger_of
from tests.payers.support import answer, ask
from tests.reviews.support import MET, NOT_MET, sign, tell
from tests.support.feed import Telling
from tests.support.world import NOW, World

PLAN = "BAYSHORE ADVANTAGE"
STAY = f"A01 | rec 03-01 10:00 | occ 03-01 10:00 | bed 4W^401^A | ins {PLAN}\n"
MOVED = "A02 | rec 03-02 12:00 | occ 03-02 12:00 | bed ICU^03^A\n"
LEFT = "A03 | rec 03-05 09:00 | occ 03-05 09:00 | bed ICU^03^A | disp 01\n"
DAY = {"kind": "continued_stay", "criteria": "aep_day 2"}
FIRST = {"kind": "admission", "for_day": "2026-03-01", "criteria": "aep_admission 2"}


def test_what_features_recorded_lands_in_its_lane(world: World) -> None:
    stay = tell(world, STAY + MOVED)
    sign(world, stay, FIRST, MET, {"next_review_on": "2026-03-03"})
    sign(world, stay, DAY, NOT_MET, {"for_day": "2026-03-03"})
    asked = ask(world, stay, payer=PLAN, first_day="2026-03-01", last_day="2026-03-03", channel="portal")
    assert lanes(stay) == ("ICCC", "MMN?", "RRR!", "- - PH-05? -"), "the day of the review that was not met is proposed"
    days = (Days(datetime(2026, 3, 1).date(), datetime(2026, 3, 3).date()),)
    answer(world, asked.authorization_id, action=Action.PARTIAL, ranges=days, authorization_number="AUTH1")
    assert lanes(stay)[2] == "AAD!"
    claim = ledger_of(stay).days[0].claim
    assert claim is not None and claim.id == asked.authorization_id


def test_original_medicare_is_never_asked(world: World) -> None:
    assert lanes(tell(world, STAY.replace(PLAN, "MEDICARE")))[2] == "nnnn"


def test_a_term_that_says_so_takes_the_question_away(world: World) -> None:
    stay = tell(world, STAY)
    with begin(everywhere("test"), at=NOW) as work:
        never = SetTerm.model_validate({"begins": "2026-01-01", "asked": False, "source": "contract"})
        set_term(work, world.facility["NORTH"], "PY-NOTIFY", never)
    assert lanes(stay)[2] == "nnnn"


def test_a_stay_as_it_was_known_earlier(world: World) -> None:
    stay = tell(world, STAY)
    Telling(world, first=50).tell(LEFT, at=NOW)
    assert len(ledger_of(stay).days) == 4
    with reading(everywhere("test"), as_of=datetime(2026, 3, 3, 18, tzinfo=UTC)) as view:
        [then] = gather(view, [stay])
    assert len(ledger(then.facts).days) == 2


def test_a_departure_that_lies_ahead_has_not_taken_place(world: World) -> None:
    stay = tell(world, STAY + LEFT.replace("03-05", "03-09"))
    assert len(ledger_of(stay, at=NOW).days) == 4
    assert len(ledger_of(stay, at=NOW + timedelta(days=20)).days) == 8


def test_a_united_stay_counts_once_with_the_records_of_its_parts(world: World) -> None:
    first = tell(world, STAY)
    sign(world, first, FIRST, MET, {"next_review_on": "2026-03-03"})
    Telling(world, first=20).tell("A50 | rec 03-05 09:30 | visit V200 | prior V100 | occ 03-05 09:30\n")
    rows = exported("NORTH", NOW + timedelta(hours=1))
    assert len({row["visit"] for row in rows}) == 1
    assert len(rows) == len({row["day"] for row in rows}) == 4
    assert [row["necessary"] for row in rows] == ["M", "M", "?", "?"]


def test_who_reads_a_review_again_is_not_told_what_it_said(world: World) -> None:
    stay = tell(world, STAY)
    review = sign(world, stay, FIRST, MET, {"next_review_on": "2026-03-03"})
    assert lanes(stay)[1] == "MM??"
    facts = found(stay).facts
    assert not facts.hidden and review.review_id in {one.review_id for one in facts.reviews}


@pytest.mark.parametrize("form", list(Form))
def test_the_file_has_a_line_for_every_midnight(world: World, form: Form) -> None:
    tell(world, STAY + MOVED + LEFT)
    data = export_ledger(AskLedger("NORTH", form))
    if form is Form.JSON:
        rows = exported("NORTH")
    else:
        frame = pl.read_csv(io.BytesIO(data)) if form is Form.CSV else pl.read_parquet(io.BytesIO(data))
        rows = frame.with_columns(pl.col("day").cast(pl.String)).to_dicts()
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["day"], row["unit"], row["occupied"]) for row in rows] == [
        ("2026-03-01", "4W", "I"), ("2026-03-02", "ICU", "C"), ("2026-03-03", "ICU", "C"), ("2026-03-04", "ICU", "C"),
    ]  # fmt: skip
    assert {row["place"] for row in rows} == {"not_authorized"}


def test_an_empty_house_has_the_same_columns(world: World) -> None:
    assert exported("NORTH") == []
    assert export_ledger(AskLedger("NORTH", Form.CSV)).decode().strip().split(",") == list(COLUMNS)


def test_taking_the_ledger_out_is_recorded_as_seeing_it(world: World) -> None:
    tell(world, STAY)
    exported("NORTH")
    with reading(everywhere("test")) as view:
        seen = view.connection.execute("select kind, route, cardinality(patients) from phi_access").fetchall()
    assert seen == [("export", "export ledger", 1)]


def statements(stays: int, world: World) -> int:
    with reading(everywhere("test"), at=NOW) as view:
        keys = view.values("select id from encounter where gone_at is null order by serial limit %s", (stays,))
        counted = _Counting(view.connection)
        view.connection = counted  # type: ignore[assignment]
        assert len(gather(view, keys)) == stays
    return counted.count


class _Counting:
    """A connection that counts what is asked of it."""

    def __init__(self, connection: object) -> None:
        self._connection, self.count = connection, 0

    def cursor(self, *values: object, **named: object) -> object:
        self.count += 1
        return self._connection.cursor(*values, **named)  # type: ignore[attr-defined]


def test_as_many_statements_for_twenty_five_stays_as_for_three(world: World) -> None:
    for number in range(25):
        story = STAY.replace("bed", f"patient M{number} | visit V{number} | bed")
        Telling(world, first=1 + 10 * number).tell(story)
    few, many = statements(3, world), statements(25, world)
    assert few == many, (few, many)
    assert few <= 20


def test_necessity_is_said_for_every_midnight_in_a_bed(world: World) -> None:
    stay = tell(world, STAY.replace("| bed", "| class E | type ED | bed"))
    assert {one.necessary for one in ledger_of(stay).days} == {Necessary.NOT_ASKED}


COURSE = """
A04 | class E | rec 02-28 20:00 | occ 02-28 20:00 | bed ED^01^ | ins MEDICARE
A01 | rec 03-01 02:15 | occ 03-01 02:00 | bed 4W^401^A | ins MEDICARE
A02 | rec 03-01 14:00 | occ 03-01 13:50 | bed 5S^501^A
A12 | rec 03-01 14:30 | occ 03-01 13:50 | bed 4W^401^A
A21 | rec 03-02 09:00 | occ 03-02 09:00 | bed 4W^401^A
A22 | rec 03-03 18:00 | occ 03-03 18:00 | bed 4W^401^A
A02 | rec 03-04 09:00 | occ 03-03 23:30 | bed ICU^03^A
A03 | rec 03-05 08:00 | occ 03-05 07:50 | bed ICU^03^A | disp 01
A13 | rec 03-05 08:20 | occ 03-05 07:50 | bed ICU^03^A
A01 | patient M2 | visit V2 | rec 03-03 12:00 | occ 03-03 11:00 | bed OBS^01^A | class O | type OBS
A40 | patient M1 | prior M2 | rec 03-04 15:00
""".strip().splitlines()


@pytest.mark.parametrize("seed", range(5))
def test_late_cancelled_and_merged_messages_leave_the_same_ledger_in_any_order(world: World, seed: int) -> None:
    told = [line for line in COURSE if not line.startswith("A40")] if seed == 4 else list(COURSE)
    random.Random(seed).shuffle(told)
    Telling(world).tell("\n".join(told) + "\n")
    with reading(everywhere("test"), at=NOW) as view:
        assert check(view).broken == []
        keys = view.values("select id from encounter where gone_at is null and visit_number = 'V100'")
    days = ledger_of(keys[0]).days
    assert [(one.unit, one.occupied.value) for one in days] == [
        ("ED", "E"), ("4W", "I"), ("4W", "×"), ("ICU", "C"), ("ICU", "C"),
    ]  # fmt: skip
