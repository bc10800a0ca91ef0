"""What must hold of census files whatever they look like and in whatever order they come."""

import csv
import io
import random
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.interop.census_file.reading.columns import BY_NAME
from app.interop.census_file.reading.decoding import DELIMITERS
from app.interop.census_file.reading.rows import Habits, Row, read
from app.platform.work import reading
from tests.support.census_files import ACTOR, SIX, line, setting, take
from tests.support.feed import discrepancies
from tests.support.world import World

HABITS = Habits("NORTH", "America/Chicago")
# Letters beyond ASCII that stand alone in every encoding, and all that needs quotation marks.
WORDS = st.text(st.sampled_from("ABCxyzéüñÖ'\";,|\t\n 7-"), max_size=12).map(lambda text: " ".join(text.split()))
TEXTS = ("last_name", "first_name", "unit", "room", "bed", "service", "payer_code", "diagnosis")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[dict[str, str]], list[str]]:
    numbers = draw(st.lists(st.integers(1, 999), min_size=1, max_size=6, unique=True))
    columns = ["mrn", "visit_number", *draw(st.lists(st.sampled_from(TEXTS), unique=True))]
    rows = [
        {"mrn": f"M{number}", "visit_number": f"V{number}"} | {name: draw(WORDS) for name in columns[2:]}
        for number in numbers
    ]
    return rows, columns


@st.composite
def written_forms(draw: st.DrawFn, rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> bytes:
    """The same table as somebody else's program writes it."""
    order = draw(st.permutations(columns))
    delimiter = draw(st.sampled_from(sorted(DELIMITERS)))
    header = []
    for name in order:
        text = draw(st.sampled_from((name, *BY_NAME[name].synonyms)))
        header.append(draw(st.sampled_from((text, text.upper(), text.title(), text.replace("_", " ")))))
    out = io.StringIO()
    quoting = draw(st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=draw(st.sampled_from(("\n", "\r\n"))))
    if draw(st.booleans()):
        writer.writerow(["Census of the house"])
    writer.writerow(header)
    writer.writerows([row[name] for name in order] for row in rows)
    return out.getvalue().encode(draw(st.sampled_from(("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"))))


def content(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__ if name != "line"}


@given(st.data())
@settings(max_examples=150)
def test_any_form_of_a_table_gives_the_same_rows(data: st.DataObject) -> None:
    rows, columns = data.draw(tables())
    found = [read(data.draw(written_forms(rows, columns)), HABITS, SIX) for _ in range(2)]

    assert found[0].problems == found[1].problems or {one.refused for each in found for one in each.problems} <= {False}
    assert [content(row) for row in found[0].rows] == [content(row) for row in found[1].rows]
    assert [row.visit for row in found[0].rows] == [f"NORTH|{row['visit_number']}" for row in rows]


FILES = st.lists(
    st.dictionaries(st.sampled_from("ABC"), st.sampled_from(["4W^401^A", "4W^402^B", "ICU^03^A"]), max_size=3),
    min_size=2, max_size=6,
)  # fmt: skip
_example = iter(range(1_000_000))


@given(files=FILES, seed=st.integers(0, 1_000))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_files_give_one_end_state_in_any_order(world: World, files: list[dict[str, str]], seed: int) -> None:
    day = 24 * next(_example)
    known = [
        (hour, [line(f"{name}{day}", place, admit_at="") for name, place in rows.items()])
        for hour, rows in enumerate(files)
    ]
    shuffled = random.Random(seed).sample(known, len(known))
    for code, order in (("NORTH", known), ("SOUTH", shuffled)):
        setting(world, code, absent_after=2)
        for hour, rows in order:
            take(world, rows, hours=day + hour, code=code)

    assert state(world, "NORTH") == state(world, "SOUTH")
    assert discrepancies() == []


def state(world: World, code: str) -> dict[str, Any]:
    """Everything that lists show of a facility's stays, and what is open about them."""
    key = world.facility[code]
    queries = {
        "stays": "select visit_number, status, patient_class, location, start_at, discharge_at, attending_number"
        " from encounter where facility_id = %s and gone_at is null order by 1",
        "courses": "select e.visit_number, m.lane, m.value, m.since, m.until from movement m"
        " join encounter e on e.id = m.encounter_id where m.facility_id = %s order by 1, 2, 4",
        "open": "select kind, subject from census_exception where facility_id = %s and closed_at is null order by 1, 2",
    }
    with reading(ACTOR) as view:
        return {name: view.connection.execute(query, (key,)).fetchall() for name, query in queries.items()}
