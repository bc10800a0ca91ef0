"""How far the facts behind a figure are complete: shares of what is known, each with the number that is not. Pure."""

from app.metrics.study.asked import Study
from app.metrics.study.wording import number
from app.web.charts.axis import figure

GOOD, FAIR = 0.95, 0.85
"""Shares from which a fact counts as good, and as fair: this product's own, to be read as a mark, not as a test."""
_MISSING = {
    "no_drg": "DRG known",
    "not_in_table": "DRG in the table of its year",
    "dx_missing_or_unmapped": "Principal diagnosis mapped",
    "invalid_dates": "Dates usable",
}
_KNOWN = {"unit": "Unit known", "attending": "Attending known", "payer": "Payer known"}


def facts(found: Study) -> list[dict[str, str]]:
    """Each fact with its share, the worst first."""
    whole = found.whole.cases + found.whole.excluded
    counts = {code: count for code, _, count in found.reasons}
    parts = [(name, whole, counts[code]) for code, name in _MISSING.items() if code in counts]
    for name, words in _KNOWN.items():
        unknown = sum(one.cases + one.excluded for one in found.split.get(name, ()) if not one.member)
        parts.append((words, whole, unknown))
    left, every = found.departures, set()
    if left is not None:
        parts.append(("Time of discharge sent", left.all, left.all - left.precise))
        parts.append(("Final coding received", left.all, left.all - left.coded))
        every = {"Time of discharge sent", "Final coding received"}
    return [
        {"label": name, "share": _percent(1 - gone / of), "tone": _tone(1 - gone / of),
         "missing": f"{number(gone)} of {number(of)} {'discharges of the hospital ' if name in every else ''}are not"}
        for name, of, gone in sorted(parts, key=lambda one: (-(one[2] / one[1] if one[1] else 0.0), one[0])) if of
    ]  # fmt: skip


def mark(found: Study) -> str:
    """The worst of the facts in a few words, for a head."""
    rows = facts(found)
    return f"{rows[0]['share']} {rows[0]['label'].lower()}" if rows else "nothing to judge by"


def _percent(share: float) -> str:
    return f"{figure(100 * share, 1)} %"


def _tone(share: float) -> str:
    return "green" if share >= GOOD else "amber" if share >= FAIR else "red"
