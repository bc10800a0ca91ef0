"""My results: how the denials ended that came from what the reader reviewed or decided."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, get
from litestar.params import FromQuery
from litestar.response import Response

from app.kernel.refusal import NotFound
from app.kernel.wording import day_text
from app.payers.denials.results.queries import Result, Tally, everything, results, tallies
from app.payers.denials.rules import money_text
from app.payers.denials.terms import DenialKind, DenialOutcome, DenialState
from app.platform.work import Reading, reading
from app.security.permissions import Permission
from app.web.render import page, the_viewer

Asked = Request[Any, Any, Any]
OPEN = "open"
WAYS = {OPEN, *(one.value for one in DenialOutcome)}


@get("/denials/results", permission=Permission.DENIAL_WRITE, sync_to_thread=True)
def show_results(request: Asked, outcome: FromQuery[str] = "") -> Response[bytes]:
    """Counts by outcome with their list; `outcome` narrows the list to one of them."""
    if outcome and outcome not in WAYS:
        raise NotFound()
    viewer = the_viewer(request)
    with reading(viewer) as db:
        found = results(db, viewer.user_id, viewer.facilities_with(Permission.DENIAL_WRITE))
        listed = [one for one in found if not outcome or (one.outcome or OPEN) == outcome]
        shown = [_shown(one, db) for one in listed]
    return page(
        request, "payers/denials/results.html", discloses=list(dict.fromkeys(one.patient_id for one in listed)),
        title="My results", rows=[_row(one, len(found)) for one in tallies(found)],
        total=_row(everything(found), len(found)), listed=shown, chosen=_label(outcome) if outcome else "",
        sums=_row(everything(listed), len(listed)),
    )  # fmt: skip


def _label(outcome: str) -> str:
    return "Open" if outcome == OPEN else DenialOutcome(outcome).label


def _row(one: Tally, n: int) -> dict[str, Any]:
    return {
        "label": one.outcome.label if one.outcome is not None else "Open", "reviewed": one.reviewed,
        "key": one.outcome.value if one.outcome is not None else OPEN, "opined": one.opined, "n": one.n,
        "share": f"{one.n} of {n}", "days": one.days, "amount": one.at_risk,
        "recovered": money_text(one.recovered),
    }  # fmt: skip


def _shown(one: Result, db: Reading) -> dict[str, Any]:
    zone = ZoneInfo(one.timezone)
    origin = [word for word, yes in (("review", one.reviewed), ("opinion", one.opined)) if yes]
    return {
        "id": str(one.denial_id), "name": one.name, "kind": DenialKind(one.kind).label, "payer": one.payer,
        "notice": day_text(one.notice_at.astimezone(zone).date(), db.now.astimezone(zone).date()), "days": one.days,
        "amount": money_text(one.amount), "recovered": money_text(one.recovered_amount), "from": " and ".join(origin),
        "state": DenialOutcome(one.outcome).label if one.outcome else DenialState(one.state).label.capitalize(),
    }  # fmt: skip


ROUTES = [show_results]
