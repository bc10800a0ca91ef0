"""Where each authorization stands, stored in versions for lists, banner and clocks; computed anew after each change."""

import uuid
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from app.census.united import subject
from app.clocks.commands import refresh
from app.payers.authorizations import queries
from app.payers.authorizations.queries import Authorization
from app.payers.authorizations.rules import Standing
from app.payers.authorizations.terms import AuthorizationState
from app.payers.directory.queries import calendar_of, card_of
from app.payers.models import StandingAuthorization
from app.payers.requests.rules import within
from app.payers.requests.terms import Action
from app.platform.work import Work

_COMPARED = (
    "encounter_id", "state", "since", "authorization_number", "firsts", "untils", "through", "ask_by", "known_at",
    "contradiction",
)  # fmt: skip
_UNENDING = frozenset({AuthorizationState.CANCELLED, AuthorizationState.STRUCK_OUT, AuthorizationState.NOT_REQUIRED})
_OF_PAYER = """
select a.id from payer_authorization a join encounter e on e.id = a.encounter_id
where a.facility_id = %s and a.payer_code = %s and a.ended_at is null
  and e.status in ('registered', 'admitted', 'on_leave') order by a.id
"""


def keep_standing(work: Work, authorization_id: uuid.UUID) -> bool:
    """Store where an authorization stands now, when that is another than what is stored. Says whether it was."""
    held = queries.authorization(work, authorization_id)
    values = _values(work, held)
    key = work.value(
        "select id from payer_standing where authorization_id = %s and ended_at is null for update", (held.id,)
    )
    if key is not None:
        before = work.get(StandingAuthorization, key)
        if all(getattr(before, name) == values[name] for name in _COMPARED):
            return False
        before.ended_at = work.now
        work.session.flush()
    work.add(
        StandingAuthorization(
            **values, authorization_id=held.id, facility_id=held.head.facility_id, made_at=work.now
        )
    )  # fmt: skip
    return True


class CardChanged(Protocol):
    """The card of a payer is another now."""

    @property
    def facility_id(self) -> int: ...

    @property
    def payer_code(self) -> str: ...


def follow_card(work: Work, happened: CardChanged) -> None:
    """By when further days must be asked follows the payer's calendar: for its stays in the house, clocks and all."""
    moved: list[uuid.UUID] = []
    for authorization_id in work.values(_OF_PAYER, (happened.facility_id, happened.payer_code)):
        if keep_standing(work, authorization_id):
            head = queries.authorization(work, authorization_id).head
            moved.append(subject(work, head.encounter_id).encounter_id)
            work.changed(happened.facility_id, moved[-1])
    if moved:
        refresh(work, moved)


class United(Protocol):
    """A stay that turned out to be part of another."""

    @property
    def former_id(self) -> uuid.UUID: ...


def follow_united_stay(work: Work, happened: United) -> None:
    """What stands for a stay that is part of another now stands for the whole."""
    found = work.values(
        "select authorization_id from payer_standing where encounter_id = %s and ended_at is null",
        (happened.former_id,),
    )
    for authorization_id in found:
        keep_standing(work, authorization_id)


class Departed(Protocol):
    """A stay that ended, or is open again."""

    @property
    def encounter_id(self) -> uuid.UUID | None: ...


def follow_departure(work: Work, happened: Departed) -> None:
    """Days that a payer names after the departure are for a person: which those are follows the departure."""
    found = work.values(
        "select authorization_id from payer_standing where encounter_id = %s and ended_at is null"
        " and state not in ('struck_out', 'cancelled')",
        (happened.encounter_id,),
    )
    for authorization_id in found:
        keep_standing(work, authorization_id)


def _values(work: Work, held: Authorization) -> dict[str, Any]:
    found = held.standing
    through = found.days.through if found.state not in _UNENDING else None
    known_at = _known_at(held, found)
    return {
        "encounter_id": subject(work, held.head.encounter_id).encounter_id,
        "state": found.state.value,
        "since": found.since,
        "authorization_number": held.number,
        "firsts": [one.first for one in found.days.ranges],
        "untils": [one.until for one in found.days.ranges],
        "through": through,
        "ask_by": _ask_by(work, held, through, known_at) if through is not None else None,
        "known_at": known_at,
        "contradiction": " ".join(found.days.contradictions),
    }


def _ask_by(work: Work, held: Authorization, through: date, known_at: datetime | None) -> datetime:
    zone = ZoneInfo(held.head.timezone)
    card = card_of(work, held.head.facility_id, held.head.payer_code, through)
    return calendar_of(card, zone).ask_by(through, known_at)


def _known_at(held: Authorization, found: Standing) -> datetime | None:
    """When the answer was received that reaches to the last covered day."""
    if found.days.through is None:
        return None
    grants = [one for one in held.answers if one.stands and one.action in (Action.CERTIFIED, *_PARTS)]
    naming = [one for one in grants if within(found.days.through, one.decision.ranges)]
    return max((one.received_at for one in naming or grants), default=None)


_PARTS = (Action.PARTIAL, Action.MODIFIED)
