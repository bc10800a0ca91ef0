"""The dictionary of reasons on a day: the starting list, with what a facility has changed from that day on. Pure.

The starting list is the product's own, built from published taxonomies (rule sheet 8.4): data, beside this folder.
A code is never used for anything else: a retired one stays readable.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from app.avoidable_days.terms import APPEAL, OTHER, UNDETERMINED, Controllable, PartyKind
from app.kernel.refusal import Refused

STARTING_LIST = Path(__file__).parents[1] / "data" / "avoidable_day_codes.csv"
OWN_CODE = re.compile(r"[A-Z]{2}-[0-9]{2,3}")
ALWAYS = frozenset({APPEAL, OTHER, UNDETERMINED})
"""Reasons on which rules stand: they may be worded anew, never retired."""
_K = PartyKind
_KINDS = {
    "attending": _K.PERSON, "attending/APP": _K.PERSON, "consultant": _K.PERSON, "proceduralist": _K.PERSON,
    "physicians": _K.SERVICE, "payer": _K.PAYER, "payer/network": _K.PAYER, "payer/finance": _K.PAYER,
    "patient/family": _K.FAMILY, "family": _K.FAMILY, "patient/rep": _K.FAMILY, "court": _K.AGENCY,
    "agency": _K.AGENCY, "state": _K.AGENCY, "QIO": _K.AGENCY, "legal": _K.AGENCY, "community": _K.AGENCY,
    "external": _K.OUTSIDE, "multiple": _K.SEVERAL,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason as it reads on a day.

    Attributes:
        party: who is usually responsible, in words; who it is for a day is recorded with the day.
        begins: since when it reads so; None for the starting list.
        own: the facility has added it.
    """

    code: str
    group: str
    group_label: str
    label: str
    definition: str
    party_kind: PartyKind
    party: str
    controllable: Controllable
    retired: bool = False
    begins: date | None = None
    own: bool = False


def _party_kind(group: str, party: str) -> PartyKind:
    return _KINDS.get(party, PartyKind.VENDOR if group == "PA" else PartyKind.DEPARTMENT)


def _starting() -> dict[str, Reason]:
    with STARTING_LIST.open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: Reason(
                code=row["code"],
                group=row["group"],
                group_label=row["group_label"],
                label=row["label"],
                definition=row["definition"],
                party_kind=_party_kind(row["group"], row["responsible_party"]),
                party=row["responsible_party"],
                controllable=Controllable(row["controllable"]),
            )
            for row in csv.DictReader(lines)
        }


STARTING: Mapping[str, Reason] = _starting()
GROUPS: Mapping[str, str] = {one.group: one.group_label for one in STARTING.values()}


def on_day(wordings: Iterable[Reason], day: date) -> dict[str, Reason]:
    """Every reason as it reads on a day, by code, retired ones too. `wordings` are the facility's, in any order."""
    found = dict(STARTING)
    for one in sorted(wordings, key=lambda one: (one.code, one.begins or date.min)):
        if one.begins is None or one.begins <= day:
            found[one.code] = replace(one, own=one.code not in STARTING)
    return dict(sorted(found.items(), key=lambda item: _order(item[1])))


def find(text: str, reasons: Mapping[str, Reason]) -> str:
    """The code that somebody means who types a code, a code with its label, or words of one label only. Refused, with
    the field, for anything else."""
    typed = " ".join(text.split())
    first = typed.split(" ")[0].upper()
    if first in reasons:
        return first
    words = typed.casefold().split()
    hits = [one for one in reasons.values() if words and all(word in one.label.casefold() for word in words)]
    if len(hits) == 1:
        return hits[0].code
    if not hits:
        raise Refused("No reason of the list has this code or these words.", field="code")
    some = "; ".join(f"{one.code} {one.label}" for one in hits[:4])
    raise Refused(f"{len(hits)} reasons fit: {some}. Write the code, or more words.", field="code")


def _order(one: Reason) -> tuple[int, str]:
    groups = list(GROUPS)
    return groups.index(one.group) if one.group in groups else len(groups), one.code


def check_new(code: str, group: str, known: Iterable[str]) -> None:
    """Refused for a code of a facility's own that does not fit, or that was ever used."""
    if group not in GROUPS:
        raise Refused("Choose a group of the list.", field="group")
    if not OWN_CODE.fullmatch(code) or not code.startswith(f"{group}-"):
        raise Refused(f"Write the code as {group}- and two or three digits, such as {group}-51.", field="code")
    if code in known:
        raise Refused("This code is or was used. A code is never used again: choose another number.", field="code")


def check_retired(code: str) -> None:
    """Refused for a reason on which rules stand."""
    if code in ALWAYS:
        raise Refused(f"{code} cannot be retired: rules stand on it. It can be worded anew.", field="retired")
