"""What was known when: the states of stays and persons from one instant until the next, kept beside the present rows.

The state at an instant is the fold of the facts that were known by then; a version is nothing but that fold, written
down when its newest fact is applied. A fact that was known before others that are kept already (a file imported late,
a message that overtook another) makes the versions of its whole component anew from its instant on.
"""

from app.census.drg.lookup import groups
from app.census.storage.difference import Difference
from app.census.storage.kept import Known
from app.census.storage.versions.components import Component, components
from app.census.storage.versions.histories import Around, History
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
    codes = {group.texts.get("drg") or "" for one in longer for fact in one.facts for group in fact.groups}
    around = Around(work, difference, groups(work, codes) if longer else None)
    for component in longer:
        History(around, component, anew=anew).collect(stays, people)
    write(work, "encounter", stays)
    write(work, "patient", people)
