"""What avoidable days lend to the worklists: chips for drafts and lost days, filters, sorting, and the deed in the row.

The joins read only what waits and what stands, by the index of the stay; rows without either cost one look-up each.
"""

from app.security.permissions import Permission
from app.web.lists import Chip, Choice, Filter, Join, Lends, RowAction, SortKey

JOINS = (
    Join(
        "avoidable_drafts",
        "cross join lateral (select count(*)::int as many from avoidable_draft x"
        " where x.encounter_id = e.id and x.ended_at is null) avd",
    ),
    Join(
        "avoidable_lost",
        "cross join lateral (select coalesce(sum(x.amount), 0) as days from avoidable_day x"
        " where x.encounter_id = any(sp.ids)"
        " and x.ended_at is null and x.weight = 'primary') avl",
        needs=("parts",),
    ),
)
CHIPS = (
    Chip(
        "avoidable-drafts",
        "case when avd.many = 1 then 'violet flag 1 draft'"
        " when avd.many > 1 then 'violet flag ' || avd.many || ' drafts' end",
        weight=40,
        joins=("avoidable_drafts",),
    ),
    Chip(
        "avoidable-days",
        "case when avl.days > 0 then 'violet bed avoidable ' || trim_scale(avl.days::numeric) || ' d' end",
        weight=60,
        joins=("avoidable_lost",),
    ),
)
FILTERS = (
    Filter(
        "avoidable",
        "Avoidable days",
        joins=("avoidable_drafts", "avoidable_lost"),
        choices=(
            Choice("drafts", "Drafts to confirm", "avd.many > 0"),
            Choice("recorded", "Avoidable days recorded", "avl.days > 0"),
            Choice("none", "None", "avl.days = 0 and avd.many = 0"),
        ),
    ),
)
SORTS = (SortKey("avoidable", "Avoidable days", "nullif(avl.days, 0)", joins=("avoidable_lost",)),)
ACTIONS = (
    RowAction(
        "avoidable-day",
        "Avoidable day",
        "/encounters/{id}/avoidable-days/new",
        Permission.AVOIDABLE_DAY_RECORD,
        key="d",
        place=45,
        in_place=True,
    ),
)
LENDS = Lends(joins=JOINS, chips=CHIPS, filters=FILTERS, sorts=SORTS, actions=ACTIONS)
