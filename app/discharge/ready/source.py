"""What the clocks learn of readiness and discharge orders. They close nothing by themselves."""

import uuid
from collections.abc import Iterable, Sequence

from app.clocks.facts import Event
from app.clocks.gather import Lent
from app.clocks.terms import EventKind
from app.discharge.ready.queries import standing
from app.discharge.ready.terms import StatementKind
from app.platform.work import Reading

_KINDS = {
    StatementKind.READY: EventKind.MEDICALLY_READY,
    StatementKind.NOT_READY: EventKind.MEDICALLY_NOT_READY,
    StatementKind.ORDERED: EventKind.DISCHARGE_ORDERED,
    StatementKind.WITHDRAWN: EventKind.DISCHARGE_ORDER_WITHDRAWN,
}


def facts(db: Reading, encounter_ids: Sequence[uuid.UUID]) -> Iterable[Lent]:
    """The statements that stand for each of these stays, by one query."""
    for stay, said in standing(db, encounter_ids).items():
        yield Lent(stay, tuple(Event(kind=_KINDS[one.kind], at=one.at) for one in said))
