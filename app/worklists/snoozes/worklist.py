"""What putting aside lends to the worklists: the chip with the return time, the filter, the deed in the row."""

from app.security.permissions import Permission
from app.web.lists import Chip, Choice, Filter, Join, Lends, RowAction, local

_BACK = local("z.until")
# Two words of a chip are "snoozed to": the rest says the time, the weekday within a week, else the day.
_WHEN = (
    f"case when {_BACK}::date = %(today)s::date then to_char({_BACK}, 'HH24:MI')"
    f" when {_BACK}::date < %(today)s::date + 7 then to_char({_BACK}, 'Dy HH24:MI')"
    f" else to_char({_BACK}, 'FMDD Mon') end"
)

LENDS = Lends(
    joins=(
        # A stay is aside up to the instant of its return, whether or not anybody has noted that it is over.
        Join(
            "aside",
            "left join snooze z on z.encounter_id = e.id and z.user_id = %(me)s::uuid and z.ended_at is null"
            " and (z.until is null or z.until > %(now)s::timestamptz)",
        ),
        # What the owner does not see now, for everybody else: a lead must know that nobody looks at it.
        Join(
            "owner-aside",
            "left join snooze oz on oz.encounter_id = e.id and oz.user_id = a.user_id"
            " and oz.user_id <> %(me)s::uuid and oz.ended_at is null"
            " and (oz.until is null or oz.until > %(now)s::timestamptz)",
            needs=("owner",),
        ),
    ),
    chips=(
        Chip(
            "aside",
            "case when z.id is not null then 'gray moon ' || case when z.until is null then 'aside until changed'"
            f" else case z.kind when 'snooze' then 'snoozed to ' else 'aside to ' end || {_WHEN} end end",
            15,
            joins=("aside",),
        ),
        Chip(
            "owner-aside",
            "case when oz.id is not null then 'gray moon aside by owner' end",
            16,
            joins=("owner-aside",),
        ),
    ),
    filters=(
        Filter(
            "aside",
            "Put aside",
            joins=("aside", "owner-aside"),
            choices=(
                Choice("snoozed", "Snoozed by me", "z.kind = 'snooze'"),
                Choice("not-needed", "Not needed, by me", "z.kind = 'not_needed'"),
                Choice("by-owner", "By the owner", "oz.id is not null"),
            ),
        ),
    ),
    actions=(
        RowAction(
            "snooze", "Snooze", "/encounters/{id}/snooze", Permission.STAY_TAKE, key="z", place=60, in_place=True
        ),
    ),
)
