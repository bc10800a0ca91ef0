"""The life of a record that is never rewritten. Records that need more steps have a table of their own. Pure."""

from app.kernel.records.terms import RecordAction, RecordState

_S, _A = RecordState, RecordAction
LIFE: dict[tuple[RecordState, RecordAction], RecordState] = {
    (_S.UNWRITTEN, _A.WRITE): _S.STANDING,
    (_S.STANDING, _A.AMEND): _S.STANDING,
    (_S.STANDING, _A.STRIKE_OUT): _S.STRUCK_OUT,
}
