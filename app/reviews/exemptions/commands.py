"""Changing the policies of a facility. Rows are ended, never rewritten: a review keeps the code that it named."""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work
from app.reviews.events import ExemptionsChanged
from app.reviews.exemptions.queries import SHIPPED, Policy, every_row, policies
from app.reviews.models import Exemption
from app.web.fields import one_line

NOT_THERE = "There is no such policy on the list of this facility."
_OTHER = re.compile(r"[^a-z0-9]+")


class AddPolicy(BaseModel):
    """A policy as a form gives it: its name, and when it holds."""

    label: Annotated[str, Field(min_length=3, max_length=80), AfterValidator(one_line)]
    explanation: Annotated[str, Field(min_length=3, max_length=400), AfterValidator(one_line)]


def add_policy(work: Work, facility_id: int, ask: AddPolicy) -> Exemption:
    """Put a policy on the list. Refused for a name that is on it already."""
    _own_list(work, facility_id)
    code = code_of(ask.label)
    if any(one.code == code for one in policies(work, facility_id)):
        raise Refused("A policy of this name is on the list already.", field="label")
    return _add(work, facility_id, Policy(code, ask.label, ask.explanation))


def end_policy(work: Work, facility_id: int, code: str) -> None:
    """Take a policy off the list; reviews that named it keep it."""
    _own_list(work, facility_id)
    held = next((one for one in policies(work, facility_id) if one.code == code), None)
    if held is None or held.id is None:
        raise NotFound(NOT_THERE)
    row = work.lock(Exemption, held.id, NOT_THERE)
    row.ended_at, row.ended_by = work.now, work.who.actor_id
    work.record(ExemptionsChanged(facility_id=facility_id, code=code, how="ended"))


def code_of(label: str) -> str:
    """The code under which reviews name a policy, from its name."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    return _OTHER.sub("_", plain).strip("_")[:40] or "policy"


def _own_list(work: Work, facility_id: int) -> None:
    """With its first change a facility takes the shipped policies over as its own."""
    work.value("select id from facility where id = %s for no key update", (facility_id,))
    if not every_row(work, facility_id):
        for one in SHIPPED:
            _add(work, facility_id, one)


def _add(work: Work, facility_id: int, one: Policy) -> Exemption:
    made = work.add(
        Exemption(
            facility_id=facility_id, code=one.code, label=one.label, explanation=one.explanation, made_at=work.now,
            made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(ExemptionsChanged(facility_id=facility_id, code=one.code, how="added"))
    return made
