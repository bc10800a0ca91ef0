"""What the clocks lend to the worklists: the next consequence of a stay as its order, its time, its step, its reasons.

The next consequence is the earliest due instant among what is owed and open where people of this house act; without
one, the dates of the census: a pending discharge, the expected date, the second midnight.
"""

from functools import partial

from app.clocks.commands import shown_rules
from app.clocks.owed.words import FAMILIES, SHORT, family, icon, ours
from app.clocks.registry import RULES
from app.clocks.terms import Severity
from app.web.lists import (
    Chip,
    Choice,
    Column,
    Export,
    Field,
    Filter,
    Join,
    Lends,
    SortKey,
    day_text,
    local,
    machine_text,
)

_NOW = "%(now)s::timestamptz"
_TODAY = "%(today)s::date"
_OURS = sorted({rule.actor.value for rule in RULES.values() if ours(rule)})
_ACTORS = ", ".join(f"'{actor}'" for actor in _OURS)
_OPEN = f"o.ended_at is null and o.required and o.closed_at is null and o.due_at is not null and o.actor in ({_ACTORS})"
_BLOCKING = f"o.severity = '{Severity.BLOCK.value}'"
_FIRST_CHIPS = 3


def _cases(values: dict[str, str], otherwise: str) -> str:
    whens = " ".join(f"when '{rule}' then '{value}'" for rule, value in values.items())
    return f"case o.rule {whens} else {otherwise} end"


_CALLED = _cases({rule: f"{icon(rule)} {short}" for rule, short in SHORT.items()}, "'clock ' || o.rule")
_DUE_DAY = f"{local('o.due_at')}::date"
_WHEN = (
    f"case when {_DUE_DAY} = {_TODAY} then to_char({local('o.due_at')}, 'HH24:MI')"
    f" when {_DUE_DAY} < {_TODAY} + 7 then to_char({local('o.due_at')}, 'Dy')"
    f" else to_char({local('o.due_at')}, 'FMDD Mon') end"
)
_CHIP = (
    f"case when o.due_at < {_NOW} then 'red ' when {_DUE_DAY} = {_TODAY} then 'amber ' else 'gray ' end || {_CALLED}"
    f" || case when o.due_at < {_NOW} then ' late' else ' by ' || {_WHEN} end"
)
_ORDER = "order by o.due_at, o.rule"

JOINS = (
    Join(
        "owed",
        "cross join lateral (select"
        f" (array_agg(o.due_at {_ORDER}))[1] as at, (array_agg(o.rule {_ORDER}))[1] as rule,"
        f" (array_agg(o.title {_ORDER}))[1] as title, array_agg({_CHIP} {_ORDER}) as chips,"
        f" array_agg(o.rule {_ORDER}) as rules, array_agg({_DUE_DAY}) as days,"
        f" bool_or({_BLOCKING}) as blocking, bool_or(not {_BLOCKING}) as warning"
        f" from obligation o where o.encounter_id = e.id and {_OPEN}) ob",
    ),
    Join(
        "due",
        "cross join lateral (select case when e.status <> 'discharged' then ob.at end as owed,"
        " coalesce(case when e.status <> 'discharged' then ob.at end,"
        " least(i.leaves, e.expected_discharge_at, i.second_midnight)) as at) d",
        needs=("dates", "owed"),
    ),
)

_GONE = "e.status = 'discharged'"
_LEFT_TODAY = f"coalesce({local('e.discharge_at')}::date = {_TODAY}, false)"
_OWED = "d.owed is not null"
_EXPECTED_FIRST = "d.at = e.expected_discharge_at"
_DAY = f"{local('d.at')}::date"
_MINUTES = f"(abs(extract(epoch from {_NOW} - d.owed))::bigint / 60)"
# The forms of components/clock.html, in which the browser goes on counting.
_SPAN = (
    f"case when {_MINUTES} < 60 then {_MINUTES} || ' min' when {_MINUTES} < 1440 then {_MINUTES} / 60 || ' h ' ||"
    f" lpad(({_MINUTES} %% 60)::text, 2, '0') when {_MINUTES} < 2880 then {_MINUTES} / 60 || ' h'"
    f" else {_MINUTES} / 1440 || ' d' end"
)
_CLOCK = (
    f"case when {_DAY} = {_TODAY} then to_char({local('d.at')}, 'HH24:MI') when {_DAY} between {_TODAY} - 6 and"
    f" {_TODAY} + 6 then to_char({local('d.at')}, 'Dy HH24:MI') else to_char({local('d.at')}, 'FMDD Mon') end"
)

DUE = Column(
    "due",
    "Due",
    "due",
    "clocks/cells/_due.html",
    place=20,
    sort="next",
    joins=("due", "owed"),
    fields=(
        Field(
            "due_at",
            f"case when {_GONE} then case when e.discharge_precise and {_LEFT_TODAY}"
            f" then to_char({local('e.discharge_at')}, 'HH24:MI') else {day_text('e.discharge_at')} end"
            f" when d.at is null then '' when {_OWED} then {_CLOCK}"
            f" when {_EXPECTED_FIRST} then case when {_DAY} = {_TODAY} then 'Today' else {day_text('d.at')} end"
            f" when {_DAY} = {_TODAY} then to_char({local('d.at')}, 'HH24:MI')"
            f" else to_char({local('d.at')}, 'Dy HH24:MI') end",
        ),
        Field(
            "due_what",
            f"case when {_GONE} then 'left' when d.at is null then 'no date' when {_OWED} then ob.title"
            f" when {_EXPECTED_FIRST} then case when {_DAY} < {_TODAY} then 'expected, past' else 'expected' end"
            f" when d.at = i.leaves then case when d.at < {_NOW} then 'leaves, past' else 'leaves' end"
            f" when d.at < {_NOW} then '2 midnights' else '2nd midnight' end",
        ),
        Field(
            "due_tone",
            f"case when {_GONE} then case when {_LEFT_TODAY} then 'gone' else 'none' end when d.at is null then 'none'"
            f" when {_EXPECTED_FIRST} and not ({_OWED}) then case when {_DAY} < {_TODAY} then 'late'"
            f" when {_DAY} = {_TODAY} then 'soon' else 'far' end"
            f" when d.at < {_NOW} then 'late'"
            f" when {_DAY} = {_TODAY} or d.at < {_NOW} + interval '12 hours' then 'soon' else 'far' end",
        ),
        Field("due_iso", f"case when {_OWED} then {machine_text('d.owed')} else '' end"),
        Field("due_full", f"case when {_OWED} then to_char({local('d.owed')}, 'Dy FMDD Mon YYYY HH24:MI') else '' end"),
        Field(
            "due_in",
            f"case when not ({_OWED}) then '' when d.owed < {_NOW} then {_SPAN} || ' late' else 'in ' || {_SPAN} end",
        ),
        Field("todo", f"case when {_OWED} then ob.title else '' end"),
        Field("todo_rule", f"case when {_OWED} then ob.rule else '' end"),
    ),
    export=(
        Export("next_at", "Next date", "d.at", "instant"),
        Export("due_what", "Next date is"),
        Export("todo_rule", "By rule"),
    ),
    paper=("due_at", "due_what"),
)

CHIPS = tuple(
    Chip(f"owed-{place}", f"ob.chips[{place}]", weight, joins=("owed",))
    for place, weight in zip(range(1, _FIRST_CHIPS + 1), (8, 12, 45), strict=True)
)


def _any_shown(rules: frozenset[str]) -> bool:
    return not rules.isdisjoint(shown_rules())


def _kinds() -> tuple[Choice, ...]:
    """Families first, then single rules; only those are offered whose records can be made here."""
    own = [rule for rule in RULES.values() if ours(rule)]
    found = []
    for key, name in FAMILIES.items():
        members = frozenset(rule.id for rule in own if family(rule.id) == key)
        if members:
            among = ", ".join(f"'{one}'" for one in sorted(members))
            condition = f"coalesce(ob.rules && array[{among}]::varchar[], false)"
            found.append(Choice(key.lower(), name, condition, offered=partial(_any_shown, members)))
    found += [
        Choice(rule.id.lower(), rule.title, f"coalesce('{rule.id}' = any(ob.rules), false)",
               offered=partial(_any_shown, frozenset({rule.id})))
        for rule in own
    ]  # fmt: skip
    return tuple(found)


_FIRST_DAY = f"{local('ob.at')}::date"
FILTERS = (
    Filter("owed", "Owed", joins=("owed",), choices=_kinds()),
    Filter(
        "due",
        "Due",
        joins=("owed",),
        choices=(
            Choice("overdue", "Overdue", f"coalesce(ob.at < {_NOW}, false)"),
            Choice(
                "next-4h",
                "In the next 4 hours",
                f"coalesce(ob.at between {_NOW} and {_NOW} + interval '4 hours', false)",
            ),
            Choice("today", "Today", f"coalesce({_TODAY} = any(ob.days), false)"),
            Choice("tomorrow", "Tomorrow", f"coalesce({_TODAY} + 1 = any(ob.days), false)"),
            Choice("none", "Nothing owed", "ob.at is null"),
        ),
        day=_FIRST_DAY,
    ),
    Filter(
        "missed",
        "If missed",
        joins=("owed",),
        choices=(
            Choice("blocks", "Blocks a step", "coalesce(ob.blocking, false)"),
            Choice("warns", "Warns", "coalesce(ob.warning, false)"),
        ),
    ),
)

SORTS = (
    SortKey("next", "Next consequence", "d.at", joins=("due",)),
    SortKey("owed", "Next of what is owed", "ob.at", joins=("owed",)),
    SortKey("blocking", "Blocking first", "case when ob.blocking then 0 else 1 end", joins=("owed",)),
)

LENDS = Lends(joins=JOINS, columns=(DUE,), chips=CHIPS, filters=FILTERS, sorts=SORTS)
