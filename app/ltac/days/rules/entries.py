"""The life cycle of a record about payment days, and how it names an absence. Pure."""

from datetime import UTC, datetime

from app.ltac.days.terms import EntryAction, EntryState

_S, _A = EntryState, EntryAction
LIFE: dict[tuple[EntryState, EntryAction], EntryState] = {
    (_S.UNWRITTEN, _A.WRITE): _S.STANDING,
    (_S.STANDING, _A.REPLACE): _S.STANDING,
    (_S.STANDING, _A.STRIKE_OUT): _S.STRUCK_OUT,
    (_S.STRUCK_OUT, _A.WRITE): _S.STANDING,
}


def about_absence(left_at: datetime) -> str:
    """The instant of leaving, as a record names the absence that it is about."""
    return left_at.astimezone(UTC).isoformat()
