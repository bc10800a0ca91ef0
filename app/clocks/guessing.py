"""The line of business of a payer, from what its name says, until somebody has said it (pure)."""

import re

from app.clocks.terms import Line

_WORDS = (
    (re.compile(r"self[- ]?pay|uninsured|charity", re.I), Line.SELF_PAY),
    (re.compile(r"workers?'? comp|veteran|tricare|champus|\bva\b|\bauto\b", re.I), Line.OTHER),
    (re.compile(r"medicaid.*(mco|managed|hmo|community|plan\b)|(mco|managed).*medicaid", re.I), Line.MEDICAID_MCO),
    (re.compile(r"medicaid|medi-cal", re.I), Line.MEDICAID_FFS),
    (re.compile(r"medicare.*(advantage|hmo|ppo|part c\b|\bma\b)|advantage|senior (complete|choice|plan)", re.I),
     Line.MEDICARE_ADVANTAGE),
    (re.compile(r"medicare|\bcms\b", re.I), Line.MEDICARE_FFS),
    (re.compile(r"\b(hmo|ppo|epo|pos)\b|blue|employer|commercial|exchange|self-funded", re.I), Line.COMMERCIAL),
)  # fmt: skip


def line_of(*names: str) -> Line | None:
    """The line that the names of payer and plan speak of; None where they do not say."""
    told = " ".join(name for name in names if name)
    return next((line for pattern, line in _WORDS if pattern.search(told)), None)
