"""What a password is measured against: names that others know, and whether a second factor is required."""

import uuid

from app.platform.work import Reading, Work
from app.security.passwords import Chooser

_REQUIRED = (
    "select exists (select 1 from role_grant g join facility f on g.facility_id is null or f.id = g.facility_id"
    " where g.user_id = %s and f.totp_required)"
)


def chooser_of(view: Reading | Work, names: tuple[str, ...], user_id: uuid.UUID | None = None) -> Chooser:
    """The measure for a person of these names; without `user_id` for one who has no role yet."""
    places = view.connection.execute("select name, code from facility order by id").fetchall()
    known = (*names, *(text for place in places for text in place))
    return Chooser(known, user_id is not None and bool(view.value(_REQUIRED, [user_id])))
