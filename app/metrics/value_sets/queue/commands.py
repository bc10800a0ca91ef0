"""Putting a code that the published map lacks into a category, and taking that back. A row ends, it never changes."""

import uuid
from typing import Annotated, Literal

import msgspec
from pydantic import AfterValidator, BaseModel, Field

from app.kernel.refusal import NotFound, Refused
from app.metrics.value_sets.coded_files import DIAGNOSIS, PROCEDURE
from app.metrics.value_sets.events import CodePlaced, CodeReleased
from app.metrics.value_sets.maps import CategoryMaps
from app.metrics.value_sets.models import CodeCategory
from app.metrics.value_sets.queue.queries import NO_ENTRY, known_codes, standing
from app.platform.work import Work
from app.web.fields import Reason

REPLACED = "Put into another category"
TAKEN_BACK = "Taken back right after it was entered"

_SHAPES = {"dx": (DIAGNOSIS, "U07.1"), "px": (PROCEDURE, "XW033E5")}
"""How a code of ICD-10-CM and one of ICD-10-PCS is written, with an example."""
System = Literal["dx", "px"]
Code = Annotated[str, Field(min_length=3, max_length=8), AfterValidator(lambda text: text.replace(".", "").upper())]


class PlaceCode(BaseModel):
    """A code, its new category by number, and why it belongs there."""

    system: System
    code: Code
    ccs: int
    reason: Reason


def place_code(work: Work, ask: PlaceCode, maps: CategoryMaps) -> CodeCategory:
    """Put a code into a category. Refused for what is no code, for a category that does not exist, and for a code that
    the map knows."""
    shape, example = _SHAPES[ask.system]
    if shape.fullmatch(ask.code) is None:
        raise Refused(f"This is no code of that kind. Write it like {example}.", field="code")
    titles = maps.dx_titles if ask.system == "dx" else maps.px_titles
    if ask.ccs not in titles:
        raise Refused("There is no such category. Choose one of the list.", field="ccs")
    if ask.code in known_codes(work, ask.system, maps):
        raise Refused("The published map has a category for this code, which holds.", field="code")
    work.connection.execute("select pg_advisory_xact_lock(hashtext('code_category'))")
    before = standing(work, ask.system, ask.code)
    if before is not None and before.ccs == ask.ccs:
        raise Refused("The code is in this category already.", field="ccs")
    if before is not None:
        _end(work, before.id, REPLACED)
    made = work.add(
        CodeCategory(
            system=ask.system, code=ask.code, ccs=ask.ccs, reason=ask.reason, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        CodePlaced(
            system=ask.system, code=ask.code, ccs=ask.ccs, reason=ask.reason, before=before.ccs if before else None
        )
    )
    return made


def release_code(work: Work, placing_id: uuid.UUID, reason: str) -> CodeCategory:
    """Take back what somebody said of a code. NotFound when it does not stand."""
    found = work.session.get(CodeCategory, placing_id)
    if found is None or found.ended_at is not None:
        raise NotFound(NO_ENTRY)
    _end(work, found.id, reason)
    work.record(CodeReleased(system=found.system, code=found.code, ccs=found.ccs, reason=reason))
    return found


def undo_placing(work: Work, placing_id: uuid.UUID) -> CodeCategory | None:
    """Take an entry back; the one whose place it took is entered again, and returned."""
    found = release_code(work, placing_id, TAKEN_BACK)
    before = work.rows(_Before, _BEFORE, (found.system, found.code, found.made_at, REPLACED))
    if not before:
        return None
    made = work.add(
        CodeCategory(
            system=found.system, code=found.code, ccs=before[0].ccs, reason=before[0].reason, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(CodePlaced(system=found.system, code=found.code, ccs=made.ccs, reason=made.reason, before=found.ccs))
    return made


_BEFORE = (
    "select ccs, reason from code_category where system = %s and code = %s and ended_at = %s and ended_reason = %s"
)


class _Before(msgspec.Struct):
    """The entry whose place another took."""

    ccs: int
    reason: str


def _end(work: Work, placing_id: uuid.UUID, reason: str) -> None:
    ended = work.write(
        "code_category",
        "update code_category set ended_at = %s, ended_by = %s, ended_reason = %s where id = %s and ended_at is null",
        (work.now, work.who.actor_id, reason, placing_id),
    )
    if ended == 0:
        raise NotFound(NO_ENTRY)
