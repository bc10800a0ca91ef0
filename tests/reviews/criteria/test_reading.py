"""A set of one's own: what is wrong with its text is told with the line, and nothing else gets in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reviews.criteria.library import every_set, written
from app.reviews.criteria.reading import LARGEST, Unreadable, read_set

GOOD = """id = "chest_pain"
version = "1"
title = "Chest pain unit"
source = "Medical staff, 4 May 2026"
licence = "Our own"
applies_to = ["observation"]
begins = 2026-06-01

[[groups]]
code = "now"
title = "Findings"

[[points]]
code = "C1"
group = "now"
text = "Troponin high"
measures = [{ name = "troponin", label = "Troponin", unit = "ng/L", above = 52 }]

[[points]]
code = "C2"
group = "now"
text = "Pain in the last day"
window = { event = "Pain", hours = 24 }
"""


def faults(text: str) -> list[str]:
    with pytest.raises(Unreadable) as refused:
        read_set(text)
    return [str(one) for one in refused.value.faults]


def test_the_example_is_a_set():
    held = read_set(GOOD)

    assert (held.id, held.version, len(held.points)) == ("chest_pain", "1", 2)
    assert read_set(GOOD.replace("\n", "\r\n")) == held


@pytest.mark.parametrize(
    ("good", "bad", "sentence"),
    [
        ('version = "1"', "version = 1", "Line 2: Expected text in quotes, got a whole number (version)."),
        ('version = "1"', 'version "1"', "Line 2: This is not TOML: expected '=' after a key in a key/value pair."),
        ('title = "Chest pain unit"\n', "", "Object missing required field title."),
        ('["observation"]', '["telemetry"]', "Line 6: Invalid enum value 'telemetry' (applies_to, entry 1)."),
        ('["observation"]', "[]", "Line 6: Name at least one kind of review."),
        ('code = "C2"', 'code = "C1"', "Line 20: The code C1 stands twice in points. Give each its own."),
        ('text = "Pain', 'txt = "Pain', "Line 19: Object contains unknown field txt (points, entry 2)."),
        ('group = "now"\ntext = "Pain', 'group = "then"\ntext = "Pain',
         "Line 21: Point C2 names the group then, which the set does not have."),
        ("hours = 24", "hours = 24, days = 1", "Line 23: The window of point C2 needs either hours or days."),
        ("hours = 24", "hours = -1", "Line 23: The window of point C2 needs numbers above 0 and up to 10000."),
        (", above = 52", "", "Line 17: troponin needs below, above, at_least or at_most: a number from 0 to 10000."),
        ("above = 52", "above = 52.5", "Line 17: A bound of troponin has more decimals than the quantity. Raise"),
        ("above = 52", "above = nan", "Line 17: troponin needs below, above, at_least or at_most"),
        ("above = 52", "above = 1, below = 2", "Line 17: Every value of troponin would do"),
        ("above = 52", "above = 52, decimals = 9999999999999", "Line 17: decimals of troponin is a number from 0"),
        ("above = 52", "above = 1e99999999999999999999", "A number in the text is too large."),
        ('title = "Findings"', 'title = "Findings"\nneed = 3', "Line 12: Group now has 2 points; need cannot be 3."),
        ('version = "1"', 'version = "1"\nat_least = 3', "Line 3: at_least cannot be 3: the set has 2 points."),
        ('version = "1"', 'version = "1"\nat_least = 0', "Line 3: Nothing would have to be met."),
        ('id = "chest_pain"', 'id = "Chest pain"', "Line 1: An id is 2 to 40 small letters, digits and underscores"),
        ('"Our own"', '" "', "Line 5: Write the licence"),
        ('"Our own"', '"Our\\u0000own"', "Line 5: The text holds a line break or another character"),
        ("begins = 2026-06-01", "begins = 2026-06-01\nends = 2026-05-01", "Line 8: The last day lies before the first"),
        ('title = "Findings"', 'title = "Findings"\n[[groups]]\ncode = "more"\ntitle = "More"',
         "Line 12: Group more has no point."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(good: str, bad: str, sentence: str):
    assert good in GOOD
    assert faults(GOOD.replace(good, bad, 1))[0].startswith(sentence)


def test_every_fault_is_told_at_once_in_the_order_of_the_lines():
    broken = GOOD.replace('"Our own"', '""').replace('code = "C2"', 'code = "C1"').replace("hours = 24", "days = 0")

    assert [one.split(":")[0] for one in faults(broken)] == ["Line 5", "Line 20", "Line 23"]


def test_text_beyond_all_measure_is_refused():
    assert faults("#" * (LARGEST + 1)) == [f"The text is longer than {LARGEST} characters. Divide the set."]
    assert "nested too deeply" in faults("a = " + "[" * 50_000)[0]
    assert "36 points" in faults(GOOD + "".join(
        f'[[points]]\ncode = "X{n}"\ngroup = "now"\ntext = "Point"\n' for n in range(40)))[0]  # fmt: skip


@pytest.mark.parametrize("held", every_set(), ids=lambda one: f"{one.id} {one.version}")
def test_the_text_of_a_shipped_set_is_a_start_for_an_own_one(held):
    assert read_set(written(held.id, held.version)) == held


def test_the_example_of_the_manual_is_a_set():
    manual = (Path(__file__).parents[3] / "docs" / "criteria-sets.md").read_text("utf-8")
    held = read_set(manual.split("```toml\n")[1].split("```")[0])

    assert [point.code for point in held.points] == ["C1", "C2", "C3"] and held.groups[0].need == 1


LINES = GOOD.splitlines()


@given(
    st.integers(0, len(LINES) - 1), st.sampled_from(["", "[[points]]", "need = true", 'group = "x"', "begins = 1", "{"])
)
def test_a_text_with_any_line_changed_is_read_or_refused_in_words(at: int, instead: str):
    text = "\n".join([*LINES[:at], instead, *LINES[at + 1 :]])
    try:
        read_set(text)
    except Unreadable as refused:
        assert refused.faults and all(one.sentence.endswith(".") for one in refused.faults)
        assert all(0 <= one.line <= len(LINES) + 1 for one in refused.faults)
