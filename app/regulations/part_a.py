"""What a patient of original Medicare pays for hospital days, by calendar year. Figures: `data/part_a.toml`."""

import tomllib
from datetime import date
from functools import cache
from importlib import resources

import msgspec

from app.regulations import Confidence


class Shares(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The amounts of one calendar year in dollars: per benefit period, per day 61 to 90, per reserve day."""

    year: int
    deductible: int
    coinsurance: int
    reserve: int
    citation: str
    confidence: Confidence
    checked_on: date


class _File(msgspec.Struct, forbid_unknown_fields=True):
    year: list[Shares]


@cache
def amounts() -> dict[int, Shares]:
    """The amounts by calendar year; a year that was not published yet, or not entered, is missing."""
    text = resources.files("app.regulations").joinpath("data/part_a.toml").read_text(encoding="utf-8")
    return {one.year: one for one in msgspec.convert(tomllib.loads(text), _File).year}
