"""What denials lend to the worklists: the list of stays with a denial that somebody works on, its column and filters.

The join `denied` says of a stay all its denials together: money and days at risk, the level that is next or under way,
and when the next thing about them is due by the clocks. Stays that became part of this one count for it.
"""

from app.payers.denials.source import RULES
from app.payers.denials.terms import RootCause
from app.security.permissions import Permission
from app.web.lists import (
    Chip,
    Choice,
    Column,
    Export,
    Field,
    Filter,
    Join,
    Lends,
    RowAction,
    SortKey,
    WorkList,
    local,
    named_by,
)

_OPEN = "d.ended_at is null and d.state in ('open', 'talk', 'appealed')"
_WORKED = f"{_OPEN} and d.encounter_id = any(sp.ids)"
_NAMED = named_by(f"select d.encounter_id from denial d where d.facility_id = %(facility)s and {_OPEN}")
_RULES = "(" + ", ".join(f"'{rule}'" for rule in sorted(RULES | {"PY-P2P"})) + ")"
_DAYS = "(select coalesce(sum(u.until - u.first), 0) from unnest(d.firsts, d.untils) as u (first, until))"
JOINS = (
    Join(
        "denied",
        "cross join lateral (select count(*)::int as many, sum(d.amount) as amount, sum("
        f"{_DAYS})::int as days, bool_or(d.state = 'talk') as talk, bool_or(d.state = 'appealed') as appealed,"
        " bool_or(d.amount is null) as unknown,"
        " array_agg(d.root_cause) as causes, array_agg(d.reason_code order by d.notice_at) as reasons,"
        " array_agg(d.owner_id) as owners,"
        " max((select a.level from denial_appeal a where a.denial_id = d.denial_id and a.ended_at is null"
        "  and a.state not in ('withdrawn', 'struck_out') order by a.level desc limit 1)) as level,"
        " (array_agg((select a.level_name from denial_appeal a where a.denial_id = d.denial_id and a.ended_at is null"
        "  and a.state not in ('withdrawn', 'struck_out') order by a.level desc limit 1) order by d.notice_at desc))[1]"
        f"  as level_name from denial d where {_WORKED}) dn",
        needs=("parts",),
    ),
    Join(
        "denial_due",
        "cross join lateral (select min(o.due_at) as at from obligation o where o.encounter_id = e.id"
        f" and o.ended_at is null and o.required and o.closed_at is null and o.rule in {_RULES}) dd",
        needs=("denied",),
    ),
)
_NOW = "%(now)s::timestamptz"
_DUE_DAY = f"{local('dd.at')}::date"
_TODAY = "%(today)s::date"
_AMOUNT = (
    "case when dn.amount is null then 'amount not known' else '$' || to_char(dn.amount, 'FM999,999,999,990.00')"
    " || case when dn.unknown then ' and more' else '' end end"
)
_DAYS_WORDS = "case when dn.days = 1 then '1 day' when dn.days > 0 then dn.days || ' days' else 'no days named' end"
_LEVEL = (
    "case when dn.many = 0 then '' when dn.appealed then coalesce(dn.level_name, 'appeal') || ' under way'"
    " when dn.talk then 'P2P asked' when dn.level is not null then 'after ' || dn.level_name else 'not appealed' end"
)
_DUE = (
    f"case when dd.at is null then '' when {_DUE_DAY} = {_TODAY} then 'due ' || to_char({local('dd.at')}, 'HH24:MI')"
    f" when extract(year from {_DUE_DAY}) = extract(year from {_TODAY}) then 'due ' || to_char({_DUE_DAY}, 'FMDD Mon')"
    f" else 'due ' || to_char({_DUE_DAY}, 'FMDD Mon YYYY') end"
)
_LATE = f"coalesce(dd.at < {_NOW}, false)"
AT_RISK = Column(
    "denied",
    "At risk",
    "also",
    "payers/cells/_denied.html",
    place=86,
    sort="denial",
    joins=("denied", "denial_due"),
    lists=("denials",),
    fields=(
        Field("denied_amount", f"case when dn.many > 0 then {_AMOUNT} else '' end"),
        Field("denied_days", f"case when dn.many > 0 then {_DAYS_WORDS} else '' end"),
        Field("denied_level", _LEVEL),
        Field("denied_due", _DUE),
        Field("denied_late", _LATE, bool),
    ),
    export=(
        Export("denied_amount", "Amount at risk", "dn.amount::float8", "measure"),
        Export("denied_days", "Days denied", "dn.days", "count"),
        Export("denied_level", "Appeal", _LEVEL),
        Export("denial_due", "Denial due", "dd.at", "instant"),
    ),
    paper=("denied_amount", "denied_days", "denied_level", "denied_due"),
)
CHIPS = (
    Chip(
        "denied",
        "case when dn.many = 0 then null when dn.appealed then 'blue mail denial appealed'"
        f" when {_LATE} then 'red alert denial late' when {_DUE_DAY} = {_TODAY} then 'amber alert denial due today'"
        " when dn.talk then 'blue phone denial, P2P asked' else 'amber alert denied' end",
        10,
        joins=("denied", "denial_due"),
    ),
)
FILTERS = (
    Filter(
        "denial",
        "Denial",
        joins=("denied",),
        lists=("denials",),
        choices=(
            Choice("mine", "I have it", "coalesce(%(me)s::uuid = any(dn.owners), false)"),
            Choice("nobody", "Nobody has it", "coalesce(dn.many > array_length(array_remove(dn.owners, null), 1),"
                   " dn.many > 0)"),
            Choice("not-appealed", "Not appealed", "dn.many > 0 and dn.level is null"),
            *(
                Choice(f"level-{number}", f"Level {number}", f"coalesce(dn.level = {number}, false)")
                for number in range(1, 6)
            ),
            Choice("under-way", "Appeal under way", "coalesce(dn.appealed, false)"),
            Choice("talk", "Peer-to-peer asked", "coalesce(dn.talk, false)"),
        ),
    ),
    Filter(
        "denial-reason",
        "Denied because",
        value="nullif(dn.reasons[1], '')",
        words="dn.reasons[1]",
        joins=("denied",),
        lists=("denials",),
    ),
    Filter(
        "denial-cause",
        "Root cause",
        joins=("denied",),
        lists=("denials",),
        choices=tuple(
            Choice(one.value.replace("_", "-"), one.label, f"coalesce('{one.value}' = any(dn.causes), false)")
            for one in RootCause
        ),
    ),
)  # fmt: skip
LENDS = Lends(
    joins=JOINS,
    columns=(AT_RISK,),
    chips=CHIPS,
    filters=FILTERS,
    sorts=(SortKey("denial", "Denial, next due", "dd.at", joins=("denial_due",)),),
    actions=(RowAction("denials", "Denials", "/encounters/{id}/denials", Permission.STAY_SEE, place=38, reads=True),),
    lists=(
        WorkList(
            "denials",
            "Denials",
            f"{_NAMED} and dn.many > 0",
            ("denial", "next"),
            "No denial is open.",
            joins=("denied",),
            fills="A stay comes here when a payer's answer leaves days without authorization, or somebody records a"
            " denial that came by letter.",
            elsewhere=("authorizations", "inpatient"),
            appears="with content",
        ),
    ),
)
