"""What was known when: the states of stays and persons from one instant until the next, kept beside the present rows.

The state at an instant is the fold of the facts that were known by then; a version is nothing but that fold, written
down when its newest fact is applied. A fact that was known before others that are kept already (a file imported late,
a message that overtook another) makes the versions of all that it may touch anew from its instant on.
"""

from app.census.drg.lookup import groups
from app.census.storage.difference import Difference
from app.census.storage.kept import Known
from app.census.storage.rows import Values
from app.census.storage.told import AT
from app.census.storage.versions.apart import Apart
from app.census.storage.versions.components import Component, components
from app.census.storage.versions.histories import Around, Whole
from app.census.storage.versions.plain import Plain, plain
from app.census.storage.versions.writing import STAY, Courses, follow, write
from app.platform.work import Work

__all__ = ["STAY", "follow", "remember"]


def remember(work: Work, difference: Difference, known: Known, new: set[int], *, anew: bool = False) -> None:
    """Write the versions that the new facts make. The present rows must be written already.

    With `anew` all versions of these stays and persons are made again.
    """
    stays: Courses = {}
    people: Courses = {}
    longer: list[Component] = []
    for component in components(difference, known, new):
        if anew or component.several:
            longer.append(component)
        else:
            component.newest(difference, stays, people)
    if longer:
        _collect(work, difference, longer, (stays, people), anew=anew)
    write(work, "encounter", stays)
    write(work, "patient", people)


def _collect(
    work: Work, difference: Difference, longer: list[Component], into: tuple[Courses, Courses], *, anew: bool
) -> None:
    codes = {group.texts.get("drg") or "" for one in longer for fact in one.facts for group in fact.groups}
    around = Around(work, difference, groups(work, codes))
    for component in longer:
        known = _plain(difference, component)
        history = Apart(around, component, known, forced=anew) if known else Whole(around, component, anew=anew)
        history.collect(*into)


def _plain(difference: Difference, component: Component) -> Plain | None:
    """The component as a plain one, unless its rows or what people decided of them know better."""
    first = min(component.moments)
    marked = (difference.marked_at[row.id] for row in component.rows if row.id in difference.marked_at)
    if component.lost or any(at > first for at in marked):
        return None
    known = plain(component.facts)
    if known and all(_stands(row.values, known) for row in component.rows):
        return known
    return None


def _stands(values: Values, known: Plain) -> bool:
    number = f"{values[AT['authority']]}|{values[AT['visit_number']]}"
    return values[AT["gone_at"]] is None and number in known.patients
