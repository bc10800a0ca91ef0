"""Files that leave outside the lists: recorded before they are sent, and marked with who took them out."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Request

from app.kernel.events import Event
from app.platform.work import begin
from app.web.paper.csv_files import harmless
from app.web.render import show, the_viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTakenOut(Event):
    """Somebody took a file out. Which patients are in it stands in the trail of views."""

    name: ClassVar[str] = "file.taken_out"
    facility_id: int | None
    file: str
    lines: int


def taken_out(request: Request[Any, Any, Any], file: str, lines: int, patients: Sequence[uuid.UUID] = ()) -> list[str]:
    """Record that a file leaves. Returns its mark, as the last columns of every line hold it (csv_files.py)."""
    viewer = the_viewer(request)
    place = viewer.place
    with begin(viewer) as work:
        work.record(FileTakenOut(facility_id=place.id if place else None, file=file, lines=lines))
        moment = work.now.isoformat(timespec="seconds")
    show(request, list(dict.fromkeys(patients)), kind="export", detail=file)
    by = ", ".join(part for part in (viewer.display_name, viewer.credentials, place.name if place else "") if part)
    return [harmless(by), moment, moment]
