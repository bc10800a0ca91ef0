"""Whether a stay, or a facility, is one of a long-term care hospital."""

import uuid

from app.kernel.refusal import Refused
from app.platform.work import Reading

LONG_TERM = "ltch"
NOT_LONG_TERM = "Only stays of a long-term care hospital are charted here."
_KIND = "select f.kind from encounter e join facility f on f.id = e.facility_id where e.id = %s"


def is_long_term(db: Reading, encounter_id: uuid.UUID) -> bool:
    """Whether the stay is in a long-term care hospital; not for a stay outside the reader's scope."""
    return bool(db.value(_KIND, (encounter_id,)) == LONG_TERM)


def long_term_facility(db: Reading, facility_id: int) -> bool:
    """Whether the facility is a long-term care hospital."""
    return bool(db.value("select kind from facility where id = %s", (facility_id,)) == LONG_TERM)


def check_long_term(db: Reading, encounter_id: uuid.UUID) -> None:
    """Refused for a stay of another kind of hospital."""
    if not is_long_term(db, encounter_id):
        raise Refused(NOT_LONG_TERM)
