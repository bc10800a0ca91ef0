"""What status lends to the worklists: the chip of a change that is open, and a filter."""

from app.web.lists import Chip, Choice, Filter, Join, Lends

JOINS = (
    Join(
        "status_change",
        "left join lateral (select s.kind, s.state from status_change s"
        " where s.encounter_id = any(sp.ids) and s.ended_at is null and s.state in ('open', 'completed')"
        " order by (s.state = 'open') desc, s.begun_at desc limit 1) sc on true",
        needs=("parts",),
    ),
    Join(
        "determination",
        "left join lateral (select d.state from determination d"
        " where d.encounter_id = any(sp.ids) and d.ended_at is null and d.state in ('open', 'determined')"
        " order by d.opened_at desc limit 1) dt on true",
        needs=("parts",),
    ),
)
_WAITING = (
    "(sc.state = 'completed' and ((sc.kind = 'condition_44' and e.patient_class = 'IP')"
    " or (sc.kind = 'to_inpatient' and e.patient_class <> 'IP')))"
)
CHIPS = (
    Chip(
        "status-change",
        "case when sc.state = 'open' and sc.kind = 'condition_44' then 'amber ask CC44 open'"
        f" when sc.state = 'open' then 'amber ask order awaited' when {_WAITING} then 'blue in class awaited' end",
        22,
        joins=("status_change",),
    ),
)
FILTERS = (
    Filter(
        "change",
        "Status work",
        lists=("inpatient", "observation"),
        joins=("status_change", "determination"),
        choices=(
            Choice("cc44", "CC44 open", "coalesce(sc.state = 'open' and sc.kind = 'condition_44', false)"),
            Choice(
                "order", "Inpatient order awaited", "coalesce(sc.state = 'open' and sc.kind = 'to_inpatient', false)"
            ),
            Choice("class", "Class awaited from registration", f"coalesce({_WAITING}, false)"),
            Choice("committee", "Committee asked", "coalesce(dt.state = 'open', false)"),
            Choice("telling", "Notices to give", "coalesce(dt.state = 'determined', false)"),
        ),
    ),
)
LENDS = Lends(joins=JOINS, chips=CHIPS, filters=FILTERS)
