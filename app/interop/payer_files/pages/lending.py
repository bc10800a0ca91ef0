"""What the exchange lends the Payer tab of a stay: the files about each authorization."""

import uuid
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.interop.payer_files.pages.showing import out_text
from app.interop.payer_files.queries import files_of
from app.kernel.wording import dated_text
from app.payers.sending import FileLine
from app.platform.work import Reading


def sent_files(db: Reading, authorization_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[FileLine]]:
    """The files of these authorizations, the latest first."""
    found: dict[uuid.UUID, list[FileLine]] = {}
    for one in files_of(db, authorization_ids) if authorization_ids else []:
        shown = out_text(one, db.now)
        at = dated_text(one.made_at, ZoneInfo(one.timezone), db.now)
        line = FileLine(shown["kind"], at, shown["state"], shown["href"], shown["bad"])
        found.setdefault(one.authorization_id, []).append(line)
    return found
