"""The dictionary of a facility, its policy, and the use of its reasons."""

import uuid
from collections.abc import Iterable
from datetime import date

import msgspec

from app.avoidable_days.reasons.rules import GROUPS, Reason, find, on_day
from app.avoidable_days.terms import Controllable, PartyKind
from app.kernel.days import ONE_DAY
from app.kernel.refusal import Refused
from app.platform.work import Reading

UNUSED_FOR = 182 * ONE_DAY
"""Reasons that nobody used for half a year are shown as candidates to retire."""


class Wording(msgspec.Struct):
    """One wording of a reason, standing or replaced, as it was stored."""

    id: uuid.UUID
    facility_id: int
    code: str
    group_code: str
    label: str
    definition: str
    party_kind: str
    party: str
    controllable: str
    retired: bool
    begins: date

    @property
    def reason(self) -> Reason:
        """As the rules take it."""
        return Reason(
            code=self.code,
            group=self.group_code,
            group_label=GROUPS.get(self.group_code, self.group_code),
            label=self.label,
            definition=self.definition,
            party_kind=PartyKind(self.party_kind),
            party=self.party,
            controllable=Controllable(self.controllable),
            retired=self.retired,
            begins=self.begins,
        )


class Use(msgspec.Struct):
    """How often a reason stands as the primary one, and the last day of it."""

    code: str
    count: int
    recent: int
    last_day: date


class Policy(msgspec.Struct):
    """What a facility has decided about counting; without a row nothing."""

    half_days: bool = False
    ownership: str = ""


_WORDINGS = """
select id, facility_id, code, group_code, label, definition, party_kind, party, controllable, retired, begins
from public.avoidable_reason where facility_id = any(%s) and ended_at is null order by code, begins
"""
_USES = """
select code, count(*), count(*) filter (where day > %s), max(day) from avoidable_day
where facility_id = %s and ended_at is null and weight = 'primary' group by code
"""


def wordings(db: Reading, facilities: Iterable[int]) -> dict[int, list[Wording]]:
    """What each facility has changed of the starting list. Settings are read as they stand now."""
    wanted = list(facilities)
    found: dict[int, list[Wording]] = {one: [] for one in wanted}
    for row in db.rows(Wording, _WORDINGS, (wanted,)):
        found[row.facility_id].append(row)
    return found


def dictionary(db: Reading, facility_id: int, day: date) -> dict[str, Reason]:
    """Every reason of a facility as it reads on a day, retired ones too, in the order of a form."""
    return on_day((one.reason for one in wordings(db, [facility_id])[facility_id]), day)


def active(db: Reading, facility_id: int, day: date) -> dict[str, Reason]:
    """The reasons that may be chosen for a day."""
    return {code: one for code, one in dictionary(db, facility_id, day).items() if not one.retired}


def reason_for(db: Reading, facility_id: int, day: date, text: str) -> Reason:
    """The reason that somebody means, as it reads on a day; Refused, with the field, for one that cannot be chosen."""
    every = dictionary(db, facility_id, day)
    found = every[find(text, every)]
    if found.retired:
        raise Refused(f"{found.code} was retired before this day. Choose another reason.", field="code")
    return found


def uses(db: Reading, facility_id: int, today: date) -> dict[str, Use]:
    """How often each reason stands, in all and within the last half year."""
    return {one.code: one for one in db.rows(Use, _USES, (today - UNUSED_FOR, facility_id))}


def in_use_since(db: Reading, facility_id: int) -> date | None:
    """The first day for which a reason stands; before half a year has passed since then nothing is called unused."""
    found: date | None = db.value(
        "select min(day) from avoidable_day where facility_id = %s and ended_at is null", (facility_id,)
    )
    return found


def policy(db: Reading, facility_id: int) -> Policy:
    """What the facility has decided about counting."""
    found = db.rows(
        Policy,
        "select half_days, ownership from public.avoidable_policy where facility_id = %s and ended_at is null",
        (facility_id,),
    )
    return found[0] if found else Policy()
