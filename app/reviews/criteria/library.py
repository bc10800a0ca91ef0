"""The shipped criteria sets: read once, found by what is reviewed and by the day."""

from datetime import date
from functools import cache
from pathlib import Path

from app.reviews.criteria.reading import read_set
from app.reviews.criteria.terms import CriteriaSet, ReviewKind

DATA = Path(__file__).parent / "data"
SHIPPED = (
    "aep_day-2", "aep_admission-2", "two_midnight-1", "inpatient_only-2", "inpatient_only-1",
    "irf-1", "snf-1", "home_health-1", "hospice-1", "ltch-1",
)  # fmt: skip
"""The files in the order in which a form offers them."""


class UnknownSet(LookupError):
    """No shipped set has this id and version."""


def sets_for(kind: ReviewKind, on: date) -> list[CriteriaSet]:
    """The shipped sets for a kind of review that are in force on a local day; the first is the one to begin with."""
    return [one for one in every_set() if kind in one.applies_to and one.holds(on)]


def get(set_id: str, version: str) -> CriteriaSet:
    """One version of a shipped set, in force or not. UnknownSet when there is none."""
    for one in every_set():
        if (one.id, one.version) == (set_id, version):
            return one
    raise UnknownSet(f"No shipped criteria set is {set_id} version {version}.")


@cache
def every_set() -> tuple[CriteriaSet, ...]:
    """Every version of every shipped set."""
    return tuple(read_set(_text(name)) for name in SHIPPED)


def written(set_id: str, version: str) -> str:
    """The text of a shipped set, as a start for a set of one's own. UnknownSet when there is none."""
    get(set_id, version)
    return _text(f"{set_id}-{version}")


def _text(name: str) -> str:
    return (DATA / f"{name}.toml").read_text("utf-8")
