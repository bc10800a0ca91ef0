"""`/purchased-services`: what the hospital paid in a period, each row with its approval; totals; CSV."""

import uuid
from collections import Counter
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, get
from litestar.response import Response
from pydantic import BaseModel

from app.clocks.settings.line_pages import place_of
from app.discharge.booking.stay.showing import dollars
from app.discharge.booking.terms import Purchase
from app.kernel.days import local_day
from app.kernel.wording import day_text
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.web.fields import Day
from app.web.forms import FormFields, FormState, read_form
from app.web.paper.csv_files import csv_text
from app.web.paper.taking_out import taken_out
from app.web.render import NO_PHI, page, the_viewer

Asked = Request[Any, Any, Any]
STUDY = Permission.REFERRAL_STUDY
USUAL_DAYS, MOST_DAYS = 90, 1100
HEADS = (
    "day",
    "visit",
    "what",
    "in_words",
    "vendor",
    "units",
    "unit_price",
    "amount",
    "approved_by",
    "reason",
    "budget",
)


class AskPeriod(BaseModel):
    """Days of the purchases, both included."""

    first: Day = None
    last: Day = None


class Row(msgspec.Struct, frozen=True):
    """A purchase with its stay."""

    encounter_id: uuid.UUID
    patient_id: uuid.UUID
    patient: str
    visit: str
    bought_on: date
    kind: str
    what: str
    vendor: str
    units: int
    unit_cents: int
    approved_by: str
    reason: str
    budget_line: str

    @property
    def cents(self) -> int:
        """What all units cost."""
        return self.units * self.unit_cents


_ROWS = """
select e.id, e.patient_id, concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')), e.visit_number, s.bought_on,
  s.kind, s.what, s.vendor_name, s.units, s.unit_cents, s.approved_by, s.reason, s.budget_line
from purchased_service s join encounter e on e.id = s.encounter_id join patient p on p.id = e.patient_id
where s.facility_id = %s and s.ended_at is null and s.bought_on between %s and %s order by s.bought_on, s.made_at, s.id
"""


def _asked(request: Asked) -> tuple[int, str, AskPeriod, FormState]:
    """The facility and the period; what cannot be is said, and the usual period is shown."""
    place = place_of(the_viewer(request), STUDY)
    with reading(the_viewer(request)) as db:
        today = local_day(db.now, ZoneInfo(place.timezone))
    ask, form = read_form(AskPeriod, FormFields(list(request.query_params.multi_items())))
    last = (ask.last if ask else None) or today
    first = (ask.first if ask else None) or last - timedelta(days=USUAL_DAYS)
    if first > last or (last - first).days > MOST_DAYS:
        form.errors["first"] = "The first day lies after the last one, or more than three years before it."
        first, last = today - timedelta(days=USUAL_DAYS), today
    form.given |= {"first": first.isoformat(), "last": last.isoformat()}
    return place.id, place.name, AskPeriod(first=first, last=last), form


def bought(db: Reading, facility_id: int, ask: AskPeriod) -> list[Row]:
    """Purchases of a period that stand, by day."""
    return db.rows(Row, _ROWS, (facility_id, ask.first, ask.last))


@get("/purchased-services", permission=STUDY, sync_to_thread=True)
def show_ledger(request: Asked) -> Response[bytes]:
    """Rows, and what they come to by kind and in all."""
    facility_id, place, ask, form = _asked(request)
    with reading(the_viewer(request)) as db:
        found = bought(db, facility_id, ask)
    sums: Counter[str] = Counter()
    for one in found:
        sums[one.kind] += one.cents
    rows = [
        {
            "patient": one.patient, "href": f"/encounters/{one.encounter_id}/bookings#bought",
            "day": day_text(one.bought_on, ask.last or one.bought_on), "kind": Purchase(one.kind).label,
            "what": one.what, "vendor": one.vendor, "units": str(one.units), "amount": dollars(one.cents),
            "approved": one.approved_by, "reason": one.reason, "line": one.budget_line,
        }
        for one in found
    ]  # fmt: skip
    return page(
        request, "discharge/booking/ledger.html", discloses=[one.patient_id for one in found] or NO_PHI,
        title="Purchased services", status=422 if form.errors else 200, form=form, place=place, rows=rows,
        total=dollars(sum(sums.values())),
        sums=[{"label": Purchase(kind).label, "value": dollars(cents)} for kind, cents in sums.most_common()],
        csv=f"/purchased-services.csv?{urlencode({'first': ask.first, 'last': ask.last})}",
    )  # fmt: skip


@get("/purchased-services.csv", permission=STUDY, sync_to_thread=True)
def take_csv(request: Asked) -> Response[bytes]:
    """The rows as a file, under the visit number."""
    facility_id, _, ask, _ = _asked(request)
    with reading(the_viewer(request)) as db:
        found = bought(db, facility_id, ask)
    mark = taken_out(request, "purchased-services.csv", len(found), [one.patient_id for one in found])
    lines: list[tuple[Any, ...]] = [
        (
            one.bought_on, one.visit, one.kind, one.what, one.vendor, one.units, f"{one.unit_cents / 100:.2f}",
            f"{one.cents / 100:.2f}", one.approved_by, one.reason, one.budget_line,
        )
        for one in found
    ]  # fmt: skip
    headers = {"Content-Disposition": 'attachment; filename="purchased-services.csv"', "Cache-Control": "no-store"}
    return Response(csv_text(list(HEADS), lines, mark).encode(), media_type="text/csv; charset=utf-8", headers=headers)


ROUTES = [show_ledger, take_csv]
