"""What reviews lend to the worklists: the list of reviews that are due, its column, the chip of days without one.

Days are counted as `rules.day_results` counts them: of two reviews of one day the one signed last speaks, one that is
met reaches to the next review that it set, and ends where a later one begins. A test compares both.
"""

from app.reviews.terms import Outcome
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
    day_text,
    local,
)

DUE_RULES = "('UR-ADM-SCREEN', 'UR-CSR', 'UR-EXT', 'MCD-CSR')"
_NOW, _TODAY = "%(now)s::timestamptz", "%(today)s::date"
_BEGAN = f"{local('t.began')}::date"
_LAST = f"(case when e.status = 'discharged' then {local('e.discharge_at')}::date - 1 else {_TODAY} end)"
_OF_STAY = "r.ended_at is null and r.encounter_id = any(sp.ids)"
_UNTIL = (
    "case when v.outcome = 'met' then greatest(v.for_day, least(coalesce(v.next_review_on - 1, v.for_day),"
    " coalesce(lead(v.for_day) over (order by v.for_day) - 1, 'infinity'::date))) else v.for_day end"
)
_COVERED = f"greatest(0, least(c.until, greatest({_LAST}, {_BEGAN})) - greatest(c.for_day, {_BEGAN}) + 1)"
_LATEST = "order by c.signed_at desc"

JOINS = (
    Join(
        "reviewed",
        "cross join lateral (select count(c.for_day)::int as made, max(c.until) as until,"
        f" coalesce(sum({_COVERED}), 0)::int as covered, (array_agg(c.signed_at {_LATEST}))[1] as at,"
        f" (array_agg(c.outcome {_LATEST}))[1] as said, (array_agg(c.next_review_on {_LATEST}))[1] as next_on"
        f" from (select v.*, {_UNTIL} as until from (select distinct on (r.for_day) r.for_day, r.outcome, r.signed_at,"
        f" r.next_review_on from review r where {_OF_STAY} order by r.for_day, r.signed_at desc, r.review_id desc) v) c"
        ") rv",
        needs=("start", "parts"),
    ),
    Join(
        "unreviewed",
        f"cross join lateral (select case when e.patient_class in ('IP', 'OBS') then greatest({_LAST}, {_BEGAN})"
        f" - {_BEGAN} + 1 - rv.covered else 0 end as open, case when e.patient_class in ('IP', 'OBS')"
        f" then {_TODAY} - 1 - coalesce(rv.until, {_BEGAN} - 1) else 0 end as gap) un",
        needs=("start", "reviewed"),
    ),
    Join(
        "drafted",
        "cross join lateral (select count(*)::int as kept from review_draft w where w.encounter_id = e.id"
        " and w.ended_at is null) dr",
    ),
    Join(
        "review_owed",
        "cross join lateral (select min(o.due_at) as at, coalesce(bool_or(o.rule = 'UR-ADM-SCREEN'), false) as first"
        " from obligation o where o.encounter_id = e.id and o.ended_at is null and o.required"
        f" and o.closed_at is null and o.rule in {DUE_RULES}) ro",
    ),
)
# The review of an admission is due at once, later ones on their day.
_DUE = f"(ro.first or coalesce({local('ro.at')}::date <= {_TODAY}, false))"
_SAID = " ".join(f"when '{one.value}' then '{one.label}'" for one in Outcome)

REVIEW = Column(
    "review",
    "Last review",
    "also",
    "reviews/tab/_cell.html",
    place=62,
    sort="reviewed",
    joins=("reviewed", "unreviewed", "drafted"),
    lists=("reviews-due",),
    fields=(
        Field("review_said", f"coalesce(case rv.said {_SAID} end, 'None yet')"),
        Field("review_at", f"case when rv.at is null then '' else {day_text('rv.at')} end"),
        Field("review_next", "coalesce(to_char(rv.next_on, 'Dy FMDD Mon'), '')"),
        Field("review_gap", "case when un.gap > 0 then un.gap || ' d without' else '' end"),
        Field("review_draft", "case when dr.kept > 0 then 'draft' else '' end"),
    ),
    export=(
        Export("review_said", "Last review"),
        Export("reviewed_at", "Signed", "rv.at", "instant"),
        Export("review_next_on", "Next review", "rv.next_on", "day"),
        Export("days_without", "Days without a review", "greatest(un.gap, 0)", "count"),
    ),
    paper=("review_said", "review_next"),
)

CHIPS = (
    Chip(
        "no-review",
        "case when e.status in ('admitted', 'on_leave') and un.gap > 0"
        " then 'amber doc no review ' || un.gap || ' d' end",
        25,
        joins=("unreviewed",),
    ),
)

FILTERS = (
    Filter(
        "review",
        "Review",
        lists=("reviews-due",),
        joins=("reviewed", "unreviewed", "drafted", "review_owed"),
        choices=(
            Choice("due", "Due", _DUE),
            Choice("overdue", "Overdue", f"coalesce(ro.at < {_NOW}, false)"),
            Choice("first", "No review yet", "rv.made = 0"),
            Choice("draft", "Draft begun", "dr.kept > 0"),
            Choice("not-met", "Last one not met", "coalesce(rv.said = 'not_met', false)"),
            Choice("pending", "Waits for information", "coalesce(rv.said = 'pending_information', false)"),
            Choice("gap", "Days without a review", "un.open > 0"),
        ),
    ),
)

SORTS = (
    SortKey("reviewed", "Last review", "rv.at", joins=("reviewed",)),
    SortKey("review-due", "Review due", "ro.at", joins=("review_owed",)),
    SortKey("admissions", "Admission reviews first", "case when ro.first then 0 else 1 end", joins=("review_owed",)),
    SortKey("unreviewed", "Days without a review", "un.gap", joins=("unreviewed",)),
)

LISTS = (
    WorkList(
        "reviews-due",
        "Reviews due",
        "e.status in ('admitted', 'on_leave') and e.patient_class in ('IP', 'OBS')"
        f" and ({_DUE} or dr.kept > 0 or un.open > 0)",
        ("admissions", "review-due", "unit"),
        "No review is due.",
        joins=("reviewed", "unreviewed", "drafted", "review_owed"),
        fills="A stay comes here with its admission, on the day of its next review, and while a draft of it waits.",
        elsewhere=("inpatient", "observation"),
    ),
)

LENDS = Lends(
    joins=JOINS,
    columns=(REVIEW,),
    chips=CHIPS,
    filters=FILTERS,
    sorts=SORTS,
    actions=(
        RowAction("review", "Review", "/encounters/{id}/reviews/new", Permission.REVIEW_WRITE, key="r", place=20),
    ),
    lists=LISTS,
)
