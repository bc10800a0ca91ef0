"""When the program counts otherwise than before, everything is reckoned anew: once, by whoever notices first."""

import hashlib
from functools import cache
from pathlib import Path

from app import metrics, regulations
from app.metrics.store.events import MeasuresRecomputed
from app.metrics.store.touching import RECOMPUTE
from app.platform.work import begin, engine, everywhere

_ACTOR = everywhere("measures")
DECIDING = ("definitions", "readmissions", "sources", "store", "value_sets")
"""Folders whose program decides what is a case; pages and reports do not."""
_followed: set[str] = set()
_LAST = "select facts ->> 'definitions' from audit_event where name = %s order by id desc limit 1"


@cache
def definitions_mark() -> str:
    """A mark of everything in the program that decides what is a case: definitions, sources, the law as data."""
    mark = hashlib.sha256()
    home = Path(metrics.__file__).parent
    program = [path for folder in DECIDING for path in (home / folder).rglob("*.py")]
    for path in sorted([*program, *home.glob("*.py"), *regulations.DATA.glob("*.toml")]):
        mark.update(path.read_bytes())
    return mark.hexdigest()


def follow_definitions() -> bool:
    """Standing duty: once after definitions or sources have changed, and at first, all is reckoned. Never more to do.

    The search for the last mark may read the whole trail, so a process asks once for its database.
    """
    database = str(engine().url)
    if database not in _followed:
        with begin(_ACTOR) as work:
            if work.value(_LAST, (MeasuresRecomputed.name,)) != definitions_mark():
                work.later(RECOMPUTE, once=RECOMPUTE)
        _followed.add(database)
    return False
