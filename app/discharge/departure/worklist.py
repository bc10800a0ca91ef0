"""What departure lends to the worklists: how much of the checklist is open once the day has come."""

from app.discharge.departure.evidence import OPEN_ITEMS
from app.web.lists import Chip, Choice, Filter, Lends

_LEAVING = (
    "(e.status in ('registered', 'admitted', 'on_leave') and exists (select from expected_date x"
    " where x.encounter_id = e.id and x.ended_at is null and x.expected_on <= %(today)s::date))"
)
_LEFT = (
    "(e.status = 'discharged' and exists (select from plan_disposition d where d.encounter_id = e.id"
    " and d.ended_at is null))"
)
# Counted only for stays that leave today or have left: a correlated count for each of them, for no other row.
_COUNT = f"case when {_LEAVING} or {_LEFT} then {OPEN_ITEMS} end"
_WORDS = (
    f"(select case when o.n is null or o.n = 0 then null when {_LEFT} then 'red alert left with ' || o.n || ' open'"
    f" else 'amber flag ' || o.n || ' open to leave' end from (select {_COUNT} as n offset 0) o)"
)  # "offset 0": counted once for a row, not once for each place that uses the number

LENDS = Lends(
    chips=(Chip("departure-open", _WORDS, 17),),
    filters=(
        Filter(
            "departure",
            "Departure",
            choices=(
                Choice("open", "Leaves today, items open", f"({_LEAVING} and {OPEN_ITEMS} > 0)"),
                Choice("settled", "Leaves today, all settled", f"({_LEAVING} and {OPEN_ITEMS} = 0)"),
            ),
        ),
    ),
)
