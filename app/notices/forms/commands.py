"""Putting an edition of an official form in use, and taking it out of use."""

import hashlib
import uuid
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.clocks.terms import NoticeKind
from app.kernel.refusal import Refused
from app.notices.events import OfficialFormAdded, OfficialFormEnded
from app.notices.forms.models import OfficialForm
from app.platform.work import Work
from app.web.fields import empty_is_none

LARGEST = 5_000_000
TOO_LARGE = "The file is larger than 5 MB. Make it smaller and choose it again."
_PDF, _PNG, _JPEG = b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"


class AddForm(BaseModel):
    """An edition of a form as it is printed: `edition` is what stands on its foot, with the expiry of its approval."""

    kind: NoticeKind
    edition: Annotated[str, Field(min_length=3, max_length=80), AfterValidator(str.strip)]
    language: Annotated[str, Field(max_length=60), AfterValidator(str.strip)] = ""
    expires_on: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    begins: date


def media_type(content: bytes) -> str:
    """PDF, PNG or JPEG, by how the file begins; empty for anything else."""
    kinds = ((_PDF, "application/pdf"), (_PNG, "image/png"), (_JPEG, "image/jpeg"))
    return next((kind for mark, kind in kinds if content.startswith(mark)), "")


def add_form(work: Work, facility_id: int, ask: AddForm, file_name: str, content: bytes) -> OfficialForm:
    """Put an edition in use. Refused for other files than PDF, above 5 MB, and when it expires before it begins."""
    if len(content) > LARGEST:
        raise Refused(TOO_LARGE, field="file")
    if media_type(content) != "application/pdf":
        raise Refused("Choose the form as a PDF file.", field="file")
    if ask.expires_on is not None and ask.expires_on <= ask.begins:
        raise Refused("The form would have expired before it is used. Look at both days.", field="expires_on")
    made = work.add(
        OfficialForm(
            facility_id=facility_id, **ask.model_dump(), file_name=_plain(file_name), content=content,
            digest=hashlib.sha256(content).hexdigest(), made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(OfficialFormAdded(facility_id=facility_id, form_id=made.id, kind=made.kind, edition=made.edition))
    return made


def end_form(work: Work, form_id: uuid.UUID) -> OfficialForm:
    """Take an edition out of use; the one before it is in use again. Its record stays."""
    held = work.lock(OfficialForm, form_id, "There is no such form, or it belongs to another facility.")
    if held.ended_at is not None:
        raise Refused("This form is out of use already.")
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.record(OfficialFormEnded(facility_id=held.facility_id, form_id=held.id, kind=held.kind))
    return held


def _plain(name: str) -> str:
    """A name of a file without a path and without characters that an answer's head cannot hold."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(one if one.isascii() and (one.isalnum() or one in " .-_()") else "_" for one in last)
    return kept[-100:] or "form.pdf"
