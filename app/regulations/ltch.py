"""Numbers of the long-term care hospital payment system that are no deadlines. Figures: `data/ltch.toml`."""

import tomllib
from datetime import date
from functools import cache
from importlib import resources

import msgspec


class LongTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Conditions of the standard rate and of the hospital's standing; see the comments in the file."""

    intensive_days: int
    ventilator_hours: int
    average_days: int
    payment_percent: int
    excluded_since: date
    psychiatric: tuple[str, ...]
    rehabilitation: tuple[str, ...]

    def excluded(self, drg: str) -> bool | None:
        """Whether a group is one of psychiatry or rehabilitation; None without a group."""
        return drg in (*self.psychiatric, *self.rehabilitation) if drg else None


@cache
def conditions() -> LongTerm:
    """The numbers as they stand."""
    text = resources.files("app.regulations").joinpath("data/ltch.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), LongTerm)
