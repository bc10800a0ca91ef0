"""Files that people upload: kept aside until they have seen what is understood of them, then taken or discarded."""

import uuid
from datetime import datetime, timedelta

from pydantic import BaseModel

from app.interop.census_file.events import CensusFileUploaded
from app.interop.census_file.models import CensusUpload
from app.interop.census_file.repairs import as_program
from app.interop.census_file.storing import LARGEST, TakeFile, Taken, take_file, understood
from app.interop.intake.messages import name_of
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, everywhere
from app.security.viewer import Viewer

KEPT = timedelta(hours=12)
NO_UPLOAD = "This upload is not there any more. Upload the file again."
AHEAD = timedelta(minutes=10)
EARLIEST = 2000  # the year: what lies before is a slip of the pen, and some of it no instant at all


class AskUpload(BaseModel):
    """The instant of the file, in the time of the facility that it belongs to."""

    facility: str
    taken_at: datetime


def upload(viewer: Viewer, ask: AskUpload, name: str, data: bytes) -> uuid.UUID:
    """Keep a file aside. Raises Unreadable, and Refused beside its field, for what could never be taken."""
    place = next((one for one in viewer.places if one.code == ask.facility), None)
    if place is None or place.id not in viewer.scope.facilities:
        raise Refused("Choose one of your facilities.", field="facility")
    if not data:
        raise Refused("Choose a file that is not empty.", field="census")
    if len(data) > LARGEST:
        raise Refused(f"The file is larger than {LARGEST // 1024 // 1024} MiB.", field="census")
    with begin(as_program(viewer)) as work:
        if ask.taken_at.year < EARLIEST:
            raise Refused(f"No census file is older than the year {EARLIEST}. Check the year.", field="taken_at")
        if ask.taken_at > work.now + AHEAD:
            raise Refused("The file cannot tell of the future. Write when it was taken.", field="taken_at")
        understood(work, TakeFile(place.id, name, data, ask.taken_at))
        _forget_old(work)
        row = work.add(CensusUpload(facility_id=place.id, user_id=viewer.user_id, name=name_of(name),
                                    taken_at=ask.taken_at, raw=data, uploaded_at=work.now))  # fmt: skip
        work.record(CensusFileUploaded(facility_id=place.id))
    return row.id


def _forget_old(work: Work) -> int:
    return work.write("census_upload", "delete from census_upload where uploaded_at < %s", (work.now - KEPT,))


def forget_old_uploads() -> None:
    """The job of every hour: what nobody took or discarded does not lie about with its patients."""
    with begin(everywhere("census file")) as work:
        for facility_id in work.values("select distinct facility_id from census_upload where uploaded_at < %s",
                                       (work.now - KEPT,)):  # fmt: skip
            work.record(CensusFileUploaded(facility_id=facility_id, discarded=True))
        _forget_old(work)


def own_upload(work: Work, viewer: Viewer, upload_id: uuid.UUID) -> CensusUpload:
    """One's own upload; NotFound for any other."""
    found = work.get(CensusUpload, upload_id, NO_UPLOAD)
    if found.user_id != viewer.user_id or found.facility_id not in viewer.scope.facilities:
        raise NotFound(NO_UPLOAD)
    return found


def as_file(row: CensusUpload) -> TakeFile:
    """The upload as the file that it would become."""
    return TakeFile(row.facility_id, row.name, bytes(row.raw), row.taken_at, row.user_id)


def take_upload(viewer: Viewer, upload_id: uuid.UUID) -> Taken:
    """Take the file, as the command line would, and let the upload go."""
    with begin(as_program(viewer)) as work:
        ask = as_file(own_upload(work, viewer, upload_id))
    taken = take_file(ask)
    _let_go(viewer, upload_id, discarded=False)
    return taken


def discard_upload(viewer: Viewer, upload_id: uuid.UUID) -> None:
    """Let the upload go untaken."""
    _let_go(viewer, upload_id, discarded=True)


def _let_go(viewer: Viewer, upload_id: uuid.UUID, *, discarded: bool) -> None:
    with begin(as_program(viewer)) as work:
        row = own_upload(work, viewer, upload_id)
        work.delete(row)
        work.record(CensusFileUploaded(facility_id=row.facility_id, discarded=discarded))
