"""Every rule that is a clock: pure functions from a stay to what is owed, one module for each part of the law."""

from collections.abc import Callable, Iterator

from app.clocks.rules import (
    after_discharge,
    agreed,
    discharge,
    notices,
    payers,
    planned,
    post_acute,
    reviews,
)
from app.clocks.rules.stay import Stay
from app.clocks.terms import Obligation

EVERY: tuple[Callable[[Stay], Iterator[Obligation]], ...] = (
    *reviews.RULES,
    *notices.RULES,
    *discharge.RULES,
    *payers.RULES,
    *agreed.RULES,
    *planned.RULES,
    *post_acute.RULES,
    *after_discharge.RULES,
)
