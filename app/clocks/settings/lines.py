"""Which line of business a payer or plan belongs to: what the feed names, what was guessed, what somebody set.

A row is never rewritten: another line ends it and makes the next one.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from pydantic import BaseModel, Field

from app.clocks.events import PayerLineSet
from app.clocks.guessing import line_of
from app.clocks.models import PayerLine
from app.clocks.terms import Line
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work

UNKNOWN_PAYER = "The feed has named no such payer or plan here. Look at the page again."
OLD_LINE = "This line was changed meanwhile. Look at the page again."
NO_LINE = "There is no such line in your facilities."


class SetLine(BaseModel):
    """The line of a plan, or of all plans of a payer that have none of their own (plan code empty)."""

    payer_code: str = Field(min_length=1, max_length=80)
    plan_code: str = Field(default="", max_length=80)
    line: Line


class _Met(msgspec.Struct):
    payer_code: str
    payer_name: str
    plan_code: str
    stays: int


class _Set(msgspec.Struct):
    id: uuid.UUID
    payer_code: str
    plan_code: str
    line: str
    made_at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRow:
    """A payer's plan, or all its plans (plan code empty), with the line that holds for it.

    Attributes:
        stays: how many stays in the house it pays for, in any position.
        origin: "set" here, "payer" when set for all plans, "guessed" by name, "" when nothing is known.
        settable: a payer without a code can only be guessed.
    """

    payer_code: str
    name: str
    plan_code: str
    stays: int
    whole: bool
    line: Line | None
    origin: str
    settable: bool
    set_id: uuid.UUID | None = None
    set_at: datetime | None = None
    set_by: str = ""


_MET = """
select c.payer_code, max(c.payer_name), c.plan_code,
  count(distinct e.id) filter (where e.status in ('registered', 'admitted', 'on_leave'))
from coverage c join encounter e on e.id = c.encounter_id
where e.facility_id = %s and e.gone_at is null and (c.payer_code <> '' or c.payer_name <> '')
group by c.payer_code, c.plan_code, case when c.payer_code = '' then c.payer_name end
order by 4 desc, 2, 3
"""
_SET = """
select l.id, l.payer_code, l.plan_code, l.line, l.made_at, coalesce(u.display_name, '')
from payer_line l left join app_user u on u.id = l.made_by where l.facility_id = %s and l.ended_at is null
"""


def payer_rows(view: Reading, facility_id: int) -> list[PayerRow]:
    """Payers and plans that the feed has named here; first those of which nothing is known, then by stays."""
    known = {(one.payer_code, one.plan_code): one for one in view.rows(_Set, _SET, (facility_id,))}
    plans: dict[tuple[str, str], list[_Met]] = {}
    for one in view.rows(_Met, _MET, (facility_id,)):
        plans.setdefault((one.payer_code, "" if one.payer_code else one.payer_name), []).append(one)
    found = [row for group in plans.values() for row in _of_payer(group, known)]
    return sorted(found, key=lambda row: (row.origin != "",))


def _of_payer(group: list[_Met], known: dict[tuple[str, str], _Set]) -> Iterator[PayerRow]:
    first = group[0]
    if len(group) > 1 and first.payer_code:
        stays = sum(one.stays for one in group)
        yield _row(_Met(first.payer_code, first.payer_name, "", stays), known, whole=True)
    for one in group:
        if one.plan_code or len(group) == 1:
            yield _row(one, known, whole=False)


def _row(one: _Met, known: dict[tuple[str, str], _Set], *, whole: bool) -> PayerRow:
    own, general = known.get((one.payer_code, one.plan_code)), known.get((one.payer_code, ""))
    line: Line | None
    if own is not None:
        line, origin = Line(own.line), "set"
    elif general is not None:
        line, origin = Line(general.line), "payer"
    else:
        line = line_of(one.payer_name, one.plan_code, one.payer_code)
        origin = "guessed" if line is not None else ""
    return PayerRow(
        payer_code=one.payer_code, name=one.payer_name or one.payer_code, plan_code=one.plan_code, stays=one.stays,
        whole=whole, line=line, origin=origin, settable=bool(one.payer_code), set_id=own.id if own else None,
        set_at=own.made_at if own else None, set_by=own.by if own else "",
    )  # fmt: skip


def payer_names(view: Reading, facility_id: int) -> dict[str, str]:
    """Codes of the payers that the feed has named here, with their names."""
    return {one.payer_code: one.payer_name or one.payer_code for one in view.rows(_Met, _MET, (facility_id,))
            if one.payer_code}  # fmt: skip


def set_line(work: Work, facility_id: int, ask: SetLine) -> PayerLine:
    """Say which line a payer or plan belongs to, from now on and for all its stays."""
    if not any(
        row.payer_code == ask.payer_code and (row.plan_code == ask.plan_code or not ask.plan_code)
        for row in payer_rows(work, facility_id)
    ):
        raise Refused(UNKNOWN_PAYER)
    work.write(
        "payer_line",
        "update payer_line set ended_at = %s, ended_by = %s where facility_id = %s and payer_code = %s"
        " and plan_code = %s and ended_at is null",
        (work.now, work.who.actor_id, facility_id, ask.payer_code, ask.plan_code),
    )
    made = work.add(
        PayerLine(
            facility_id=facility_id, payer_code=ask.payer_code, plan_code=ask.plan_code, line=ask.line,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    _record(work, made, ask.line)
    return made


def take_back_line(work: Work, line_id: uuid.UUID) -> PayerLine:
    """End a line; what it took the place of is set again, else the name is guessed from."""
    held = work.lock(PayerLine, line_id, NO_LINE)
    if held.ended_at is not None:
        raise Refused(OLD_LINE)
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.session.flush()
    before = work.value(
        "select line from payer_line where facility_id = %s and payer_code = %s and plan_code = %s and ended_at = %s"
        " and id <> %s",
        (held.facility_id, held.payer_code, held.plan_code, held.made_at, held.id),
    )
    if before is not None:
        work.add(
            PayerLine(
                facility_id=held.facility_id, payer_code=held.payer_code, plan_code=held.plan_code, line=Line(before),
                made_at=work.now, made_by=work.who.actor_id,
            )
        )  # fmt: skip
    _record(work, held, Line(before) if before is not None else None)
    return held


def _record(work: Work, row: PayerLine, line: Line | None) -> None:
    work.record(
        PayerLineSet(facility_id=row.facility_id, payer_code=row.payer_code, plan_code=row.plan_code,
                     line=line.value if line else "")
    )  # fmt: skip
