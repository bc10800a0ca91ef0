"""The law as data: cited, dated, without holes, and known to the registry."""

import ast
import tomllib
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from app import regulations
from app.clocks.registry import PART_OF, RULES, SETTINGS
from app.clocks.terms import Severity
from app.kernel.deadlines import Allowance
from app.regulations import Confidence, NotInForce, Regulation, UnknownRegulation, in_force
from tests.house.sources import ROOT, named, python_files

# Rules that no clock computes: the privacy officer's own.
NO_CLOCK = {"SEC-ACCT"}
ENTRIES = [entry for entries in regulations.every_regulation().values() for entry in entries]


def holes_and_overlaps(entries: tuple[Regulation, ...]) -> list[str]:
    """What is wrong between the periods of one rule, oldest first."""
    wrong = []
    for earlier, later in pairwise(entries):
        if earlier.in_force_to is None or earlier.in_force_to >= later.in_force_from:
            wrong.append(
                f"{earlier.id}: the period from {earlier.in_force_from} overlaps that from {later.in_force_from}"
            )
        elif earlier.in_force_to + timedelta(days=1) < later.in_force_from:
            wrong.append(f"{earlier.id}: nothing holds between {earlier.in_force_to} and {later.in_force_from}")
    return wrong


def ids_asked_for(source: str) -> set[str]:
    """Rule ids that code names in a call of in_force() or history()."""
    asked = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if function in ("in_force", "history") and isinstance(node.args[0].value, str):
                asked.add(node.args[0].value)
    return asked


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.id} from {entry.in_force_from}")
def test_every_entry_can_be_checked_by_a_reader(entry: Regulation):
    assert entry.citation.strip() and entry.starts.strip() and entry.checked_by.strip()
    assert entry.link.startswith("https://")
    assert entry.checked_on >= date(2026, 1, 1)
    assert entry.in_force_to is None or entry.in_force_from <= entry.in_force_to


def test_every_entry_is_the_number_of_a_rule_and_every_rule_has_one():
    assert set(regulations.every_regulation()) - NO_CLOCK == set(RULES)


def test_every_rule_is_asked_for_by_the_engine():
    """A rule by the clocks; a setting that only gives a number by whoever reckons with the number."""
    texts = {path: path.read_text("utf-8") for path in python_files("app")}
    engine = {text for path, text in texts.items() if path.parent.name == "rules"}
    anybody = {text for path, text in texts.items() if ROOT / "app" / "clocks" not in path.parents} | engine
    asked = {rule for rule in RULES if any(f'"{rule}"' in text for text in (anybody if rule in PART_OF else engine))}

    assert asked == set(RULES)


def test_what_is_recalled_or_policy_never_blocks():
    blocking = {rule.id for rule in RULES.values() if rule.severity is Severity.BLOCK}

    assert not blocking & {entry.id for entry in ENTRIES if entry.confidence in SETTINGS}


def test_every_id_used_in_code_exists():
    used = {name: named(path) for path in python_files("app") for name in ids_asked_for(path.read_text("utf-8"))}
    missing = {name: place for name, place in used.items() if name not in regulations.every_regulation()}

    assert not missing, f"Code asks for regulations that app/regulations/data does not have: {missing}"


def test_periods_neither_overlap_nor_leave_a_hole():
    wrong = [text for entries in regulations.every_regulation().values() for text in holes_and_overlaps(entries)]

    assert not wrong, "; ".join(wrong)


def test_nothing_recalled_with_low_confidence_is_data():
    # A number that nobody could find again must not start a clock.
    assert Confidence.RECALLED_LOW not in {entry.confidence for entry in ENTRIES}


def test_every_family_of_rules_is_read():
    with_entries = {
        path.stem for path in regulations.DATA.glob("*.toml") if "entry" in tomllib.loads(path.read_text("utf-8"))
    }

    assert with_entries == set(regulations.FAMILIES)


@pytest.mark.parametrize(
    ("rule", "allowance"),
    [
        ("N-IM1", "2 calendar days"),
        ("N-MOON", "36 hours"),
        ("N-DND", "noon next day"),
        ("UR-NOTICE", "2 calendar days"),
        ("CAH-96", "96 hours"),
        ("PY-L1", "120 calendar days"),
        ("PY-L2", "180 calendar days"),
        ("TCM-2BD", "2 business days"),
    ],
)
def test_in_force_gives_the_allowance_of_the_law(rule: str, allowance: str):
    assert in_force(rule, on=date(2026, 6, 1)).allowance == Allowance.parse(allowance)


def test_in_force_before_a_rule_began():
    assert in_force("N-MCSN", on=date(2025, 2, 14)).citation == "42 CFR 405.1210"
    with pytest.raises(NotInForce, match="2025-02-13"):
        in_force("N-MCSN", on=date(2025, 2, 13))


def test_in_force_of_an_unknown_rule():
    with pytest.raises(UnknownRegulation, match="N-NONE"):
        in_force("N-NONE", on=date(2026, 1, 1))


ENTRY = """
[[entry]]
id = "N-IM1"
starts = "inpatient admission"
allowance = "{allowance}"
citation = "42 CFR 405.1205(b)"
link = "https://example.org"
confidence = "{confidence}"
checked_on = 2026-11-22
checked_by = "a test"
from = {start}
{rest}
"""


def written(folder: Path, **changes: str) -> Path:
    values = {"allowance": "2 calendar days", "confidence": "V", "start": "2020-01-01", "rest": ""} | changes
    path = folder / "rules.toml"
    path.write_text(ENTRY.format(**values))
    return path


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"allowance": "2 days"}, "no allowance of time"),
        ({"confidence": "sure"}, "Invalid enum value"),
        ({"rest": 'noet = "a slip"'}, "unknown field"),
        ({"start": '"soon"'}, "Invalid RFC3339"),
        ({"rest": "= 3"}, "Invalid"),
    ],
)
def test_a_broken_entry_is_refused_with_its_file(tmp_path: Path, change: dict[str, str], complaint: str):
    with pytest.raises(ValueError, match=complaint) as error:
        regulations.read(written(tmp_path, **change))

    assert str(error.value).startswith("rules.toml: ")


def test_a_hole_and_an_overlap_are_found(tmp_path: Path):
    [old] = regulations.read(written(tmp_path, rest="to = 2025-12-31"))
    [next_day] = regulations.read(written(tmp_path, start="2026-01-01"))
    [too_late] = regulations.read(written(tmp_path, start="2026-01-02"))
    [too_early] = regulations.read(written(tmp_path, start="2025-12-31"))

    assert holes_and_overlaps((old, next_day)) == []
    assert "nothing holds" in holes_and_overlaps((old, too_late))[0]
    assert "overlaps" in holes_and_overlaps((old, too_early))[0]


def test_ids_asked_for_are_found():
    assert ids_asked_for('x = in_force("N-IM1", on=day)\ny = regulations.history("PY-7")') == {"N-IM1", "PY-7"}
