"""The official forms of a facility, and the one in use for a notice on a day."""

import uuid
from datetime import date, datetime
from typing import Any

import msgspec

from app.clocks.terms import NoticeKind
from app.platform.work import Reading


class FormRow(msgspec.Struct):
    """An edition without its file."""

    id: uuid.UUID
    facility_id: int
    kind: str
    language: str
    edition: str
    expires_on: date | None
    begins: date
    file_name: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


_ROWS = """
select o.id, o.facility_id, o.kind, o.language, o.edition, o.expires_on, o.begins, o.file_name, o.made_at,
  coalesce(u.display_name, ''), o.ended_at
from notice_form o left join app_user u on u.id = o.made_by
"""


def forms(db: Reading, facility_id: int) -> list[FormRow]:
    """All editions of a facility, by notice, the latest first; those out of use too."""
    query = f"{_ROWS} where o.facility_id = %s order by o.kind, o.language, o.begins desc, o.made_at desc"
    return db.rows(FormRow, query, (facility_id,))


def form_in_use(db: Reading, facility_id: int, kind: NoticeKind, on: date) -> dict[str, Any] | None:
    """The English edition in use on a day, as the form of a delivery shows it."""
    query = (
        f"{_ROWS} where o.facility_id = %s and o.kind = %s and o.begins <= %s and o.ended_at is null"
        " and lower(o.language) in ('', 'english') order by o.begins desc, o.made_at desc limit 1"
    )
    found = db.rows(FormRow, query, (facility_id, kind.value, on))
    return words(found[0], on) if found else None


def words(one: FormRow, on: date) -> dict[str, Any]:
    """An edition as pages show it."""
    return {
        "href": f"/notice-forms/{one.id}/file",
        "edition": one.edition,
        "expired": one.expires_on is not None and one.expires_on < on,
        "expires": f"{one.expires_on:%-d %b %Y}" if one.expires_on else "",
    }
