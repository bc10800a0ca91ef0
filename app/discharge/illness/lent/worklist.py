"""What risk, complexity and serious illness lend to the worklists: a list, its column, chips and filters."""

from app.discharge.illness.terms import Sign
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
    moment_text,
)

_SIGNS = " ".join(f"when '{one.value}' then '{one.label}'" for one in Sign)


def _score(instrument: str) -> str:
    """The score that stands, looked up for each stay ("offset 0"): as a join, the planner, which expects two rows where
    a list has eight hundred, reads all scores of the house for each of them."""
    return (
        "select r.total, r.at_least, r.band from risk_score r where r.encounter_id = e.id"
        f" and r.instrument = '{instrument}' and r.ended_at is null offset 0"
    )


JOINS = (
    Join("lace", f"left join lateral ({_score('lace')}) rl on true"),
    Join("tier", f"left join lateral ({_score('complexity')}) rx on true"),
    Join("advance_care", "left join advance_care ac on ac.encounter_id = e.id and ac.ended_at is null"),
    Join("illness", "left join illness_case il on il.encounter_id = e.id and il.ended_at is null"),
    Join(
        "illness_signs",
        f"left join lateral (select string_agg(case s.sign {_SIGNS} end, ', ' order by s.found_at, s.id) as words"
        " from illness_sign s where s.encounter_id = e.id and s.ended_at is null) sg on true",
    ),
)
_NO_PLAN = "coalesce(ac.state, 'unknown') in ('unknown', 'none')"
_OPEN = "il.state in ('found', 'deferred', 'accepted', 'consult_ordered')"
CHIPS = (
    Chip(
        "illness",
        "case il.state when 'found' then 'amber heart signs to answer' when 'consult_ordered'"
        " then 'blue heart consult ordered' end",
        30,
        joins=("illness",),
    ),
    Chip(
        "lace",
        "case when rl.total >= 10 then 'red wave LACE ' || rl.total"
        " when rl.total is null and rl.at_least >= 10 then 'red wave LACE ' || rl.at_least || '+' end",
        34,
        joins=("lace",),
    ),
    Chip("tier", "case when rx.band = 'complex' then 'amber flag tier complex' end", 36, joins=("tier",)),
    Chip(
        "advance-care",
        "case when ac.state = 'conflicting' then 'red doc ACP conflict'"
        f" when {_OPEN} and {_NO_PLAN} then 'amber doc no ACP' end",
        38,
        joins=("advance_care", "illness"),
    ),
)
_STATES = (
    "case il.state when 'found' then 'to be answered' when 'consult_ordered' then 'consult ordered'"
    " else coalesce(il.state, '') end"
)
SIGNS = Column(
    "signs",
    "Signs",
    "also",
    "discharge/illness/_cell.html",
    place=64,
    sort="signs",
    joins=("illness", "illness_signs"),
    lists=("serious-illness",),
    fields=(
        Field("illness_signs", "coalesce(sg.words, '')"),
        Field(
            "illness_state",
            f"{_STATES} || case when il.state = 'deferred' and il.return_on is not null"
            " then ' until ' || to_char(il.return_on, 'Dy FMDD Mon') else '' end",
        ),
        Field("illness_since", f"case when il.found_at is null then '' else {moment_text('il.found_at')} end"),
    ),
    export=(
        Export("illness_signs", "Signs of serious illness"),
        Export("illness_state", "Answer"),
        Export("illness_found", "Waiting since", "il.found_at", "instant"),
        Export("consult_ordered", "Consult ordered", "il.ordered_at", "instant"),
    ),
    paper=("illness_signs", "illness_state"),
)
FILTERS = (
    Filter(
        "lace",
        "LACE",
        lists=("inpatient", "observation", "my-day", "discharges"),
        joins=("lace",),
        choices=(
            Choice("high", "High, 10 and more", "coalesce(rl.at_least >= 10, false)"),
            Choice("moderate", "Moderate, 5 to 9", "coalesce(rl.total between 5 and 9, false)"),
            Choice("low", "Low, 0 to 4", "coalesce(rl.total < 5, false)"),
            Choice("incomplete", "Incomplete", "rl.total is null"),
        ),
    ),
    Filter(
        "tier",
        "Complexity",
        lists=("inpatient", "observation", "my-day", "discharges"),
        joins=("tier",),
        choices=(
            Choice("complex", "Complex", "coalesce(rx.band = 'complex', false)"),
            Choice("moderate", "Moderate", "coalesce(rx.band = 'moderate', false)"),
            Choice("routine", "Routine", "coalesce(rx.band = 'routine', true)"),
        ),
    ),
    Filter(
        "advance-care",
        "Advance care",
        lists=("inpatient", "serious-illness"),
        joins=("advance_care",),
        choices=(
            Choice("conflict", "Conflicting", "coalesce(ac.state = 'conflicting', false)"),
            Choice("none", "None, or not asked", _NO_PLAN),
            Choice("documented", "Documented", "coalesce(ac.state = 'documented', false)"),
        ),
    ),
    Filter(
        "signs",
        "Signs",
        lists=("serious-illness",),
        joins=("illness",),
        choices=(
            Choice("found", "To be answered", "coalesce(il.state = 'found', false)"),
            Choice("deferred", "Deferred", "coalesce(il.state = 'deferred', false)"),
            Choice("accepted", "Taken up", "coalesce(il.state = 'accepted', false)"),
            Choice("consult", "Consult ordered", "coalesce(il.state = 'consult_ordered', false)"),
        ),
    ),
)
LISTS = (
    WorkList(
        "serious-illness",
        "Serious illness",
        f"e.status in ('admitted', 'on_leave') and {_OPEN}",
        ("signs", "unit"),
        "No signs of serious illness wait for anything.",
        joins=("illness",),
        fills="Diagnoses, earlier stays, days in intensive care and scores are looked at every day; a stay comes here"
        " with one primary sign or two secondary ones.",
        elsewhere=("inpatient",),
        appears="with content",
        permission=Permission.PLAN_WRITE,
    ),
)
LENDS = Lends(
    joins=JOINS,
    columns=(SIGNS,),
    chips=CHIPS,
    filters=FILTERS,
    sorts=(
        SortKey("signs", "Signs found", "il.found_at", joins=("illness",)),
        SortKey("lace", "LACE", "rl.at_least", joins=("lace",)),
        SortKey("complexity", "Complexity", "rx.at_least", joins=("tier",)),
    ),
    actions=(
        RowAction(
            "assess", "Assess", "/encounters/{id}/assessment", Permission.PLAN_WRITE, key="s", place=27, reads=True
        ),
    ),
    lists=LISTS,
)
