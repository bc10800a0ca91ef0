"""The lists of a day: a person's own stays, who leaves today, who leaves tomorrow."""

from app.security.permissions import Permission
from app.web.lists import Lends, Opening, SortKey, WorkList, local
from app.worklists.days.opening import my_day

_HERE = "e.status in ('admitted', 'on_leave')"
_TODAY = "%(today)s::date"
_EXPECTED = "pd.day"  # as the plan says, else the feed
_LEAVES = f"{local('e.pending_at')}::date"
_PENDING = "e.pending_kind = 'discharge'"
_BEDDED = "e.patient_class in ('IP', 'OBS')"


def _midnight(day: str) -> str:
    return f"({day}::timestamp at time zone %(zone)s::text)"


# Days as instants, so that the index of departures finds them.
_LEFT_TODAY = (
    f"e.status = 'discharged' and {_BEDDED} and e.discharge_at >= {_midnight(_TODAY)}"
    f" and e.discharge_at < {_midnight(f'({_TODAY} + 1)')}"
)
# A day that has passed is still today's business; a discharge order without a time is for today.
_GOES_TODAY = (
    f"({_PENDING} and coalesce({_LEAVES} <= {_TODAY}, true)"
    f" or not ({_PENDING}) and coalesce({_EXPECTED} <= {_TODAY}, false))"
)
_GOES_TOMORROW = (
    f"({_PENDING} and coalesce({_LEAVES} = {_TODAY} + 1, false)"
    f" or not ({_PENDING}) and coalesce({_EXPECTED} = {_TODAY} + 1, false))"
)

MY_DAY = WorkList(
    "my-day",
    "My day",
    f"{_HERE} and a.user_id = %(me)s::uuid and (z.id is null or 'aside' = any(%(set)s::text[]))",
    ("next", "unit"),
    "No stay is yours.",
    fills="Stays come here when a lead or a rule gives them to you, or when you take them in another list.",
    elsewhere=("unassigned", "inpatient", "observation"),
    joins=("owner", "aside"),
    permission=Permission.STAY_TAKE,
    opening=Opening("worklists/days/_my_day.html", my_day),
)

LENDS = Lends(
    sorts=(
        SortKey("departed", "Departed last", "case when e.status = 'discharged' then 1 else 0 end"),
        SortKey("departure", "Departure", "e.discharge_at"),
    ),
    lists=(
        MY_DAY,
        WorkList(
            "discharges-today",
            "Discharges today",
            f"({_LEFT_TODAY} or {_HERE}) and ({_LEFT_TODAY} or {_HERE} and {_BEDDED} and {_GOES_TODAY})",
            ("departed", "leaving", "next"),
            "Nobody is expected to leave today.",
            joins=("plan_date",),
        ),
        WorkList(
            "discharges-tomorrow",
            "Discharges tomorrow",
            f"{_HERE} and {_BEDDED} and {_GOES_TOMORROW}",
            ("leaving", "next", "unit"),
            "Nobody is expected to leave tomorrow.",
            joins=("plan_date",),
        ),
    ),
)
