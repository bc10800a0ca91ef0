"""Deadlines of one part of the law alone, for tests about that part: what else is owed would come before it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from app.clocks import commands


@contextmanager
def only(rules: Iterable[str]) -> Iterator[None]:
    """Keep and show these rules alone."""
    before = commands.shown_rules()
    commands.show(rules)
    yield
    commands.show(before)
