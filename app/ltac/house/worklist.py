"""What the long-term rooms lend to the worklists: the list of a long-term hospital with rows of its own shape.

Who went to an acute hospital and may still come back to the same stay is on the list too: the absence has an end that
somebody must watch. Readiness, days, weaning and chips are reckoned beside the SELECT (beside.py).
"""

from app.ltac.course.terms import Support
from app.ltac.days.rules.absences import BY_CODE, LIMIT_OF
from app.ltac.days.terms import Destination
from app.ltac.house.beside import beside
from app.ltac.house.opening import below, referrals_to_screen
from app.regulations import history
from app.web.lists import Choice, Column, Export, Field, Filter, Join, Lends, Opening, WorkList, local

NAME = "ltac"
_TODAY = "%(today)s::date"
_ACUTE = ", ".join(f"'{code}'" for code, place in BY_CODE.items() if place is Destination.ACUTE)
_LIMIT = history("PA-LTCH-INT")[-1].more[LIMIT_OF[Destination.ACUTE]].count
_LEFT = f"{local('e.discharge_at')}::date"
_LONG_AGO = f"%(now)s::timestamptz - interval '{_LIMIT + 1} days'"
_AWAY = (
    f"(e.status = 'discharged' and e.discharge_at >= {_LONG_AGO} and {_LEFT} + {_LIMIT} > {_TODAY}"
    f" and lpad(btrim(e.disposition), 2, '0') in ({_ACUTE}) and not exists (select 1 from encounter n"
    " where n.patient_id = e.patient_id and n.facility_id = e.facility_id and n.start_at >= e.discharge_at"
    " and n.id <> e.id and n.gone_at is null and n.status <> 'cancelled'))"
)
_BELONGS = (
    f"(e.status in ('admitted', 'on_leave') or {_AWAY})"
    " and exists (select 1 from facility h where h.id = e.facility_id and h.kind = 'ltch')"
)
_MEETING = (
    "exists (select 1 from obligation o where o.encounter_id = e.id and o.rule = 'LT-CONFERENCE' and o.ended_at is null"
    f" and o.required and o.closed_at is null and {local('o.due_at')}::date <= {{}})"
)

JOINS = (
    Join(
        "weaned",
        "left join lateral (select d.day, d.support from weaning_day d"
        " where d.encounter_id = any(sp.ids) and d.ended_at is null order by d.day desc, d.made_at desc limit 1) lw"
        " on true",
        needs=("parts",),
    ),
)

COLUMNS = (
    Column(
        "lt_step", "Do this next, because", "", "ltac/house/_step.html", place=40, lists=(NAME,), joins=("reviewed",),
        fields=(Field("review_due", "coalesce(to_char(rv.next_on, 'Dy FMDD Mon'), '')"),), export=(
            Export("benefit_words", "Benefit days"), Export("rate_words", "Payment rate"),
            Export("back_words", "Same stay if back by"), Export("next_review", "Next review", "rv.next_on", "day"),
        ), paper=("todo", "step", "chips", "benefit_words", "note"),
    ),
    Column(
        "lt_course", "Weaning, 14 days", "wean", "ltac/house/_course.html", place=64, lists=(NAME,), fields=(),
        export=(
            Export("letters", "Weaning by day, oldest first"), Export("wound_words", "Wounds"),
            Export("therapy_minutes", "Therapy minutes in 7 days", kind="count"), Export("meeting", "Conference due"),
        ), paper=("letters", "wound_words", "meeting_words"),
    ),
    Column(
        "lt_days", "Clinical readiness, then days", "thr", "ltac/house/_days.html", place=66, lists=(NAME,), fields=(),
        export=(Export("ready_words", "Clinical readiness"), Export("covered", "Covered day", kind="count")),
        paper=("ready_words", "covered"),
    ),
)  # fmt: skip

FILTERS = (
    Filter(
        "weaning", "Weaning", joins=("weaned",), lists=(NAME,),
        choices=(
            Choice("ventilated", "Ventilated", f"lw.support in ('{Support.VENTILATED}', '{Support.TRIAL}')"),
            Choice("collar", "Trach collar", f"lw.support = '{Support.COLLAR}'"),
            Choice("free", "Off the ventilator", f"lw.support = '{Support.FREE}'"),
            Choice("uncharted", "On the round, today not charted", f"lw.day < {_TODAY}"),
        ),
    ),
    Filter(
        "interrupted", "Interrupted", lists=(NAME,),
        choices=(Choice("yes", "Away, may come back", f"(e.status = 'on_leave' or {_AWAY})"),),
    ),
    Filter(
        "conference", "Conference", lists=(NAME,),
        choices=(
            Choice("due", "Due today or late", _MEETING.format(_TODAY)),
            Choice("week", "Due within a week", _MEETING.format(f"{_TODAY} + 7")),
        ),
    ),
)  # fmt: skip

LENDS = Lends(
    joins=JOINS,
    columns=COLUMNS,
    filters=FILTERS,
    lists=(
        WorkList(
            NAME,
            "LTAC",
            _BELONGS,
            ("next", "unit"),
            "No stay is in a long-term care hospital.",
            appears="with content",
            opening=Opening("ltac/house/_referrals.html", referrals_to_screen),
            closing=Opening("ltac/house/_below.html", below),
            beside=beside,
            without=("why", "class", "day", "payer", "expected"),
            layout=NAME,
        ),
    ),
)
