"""`daybook replay`: scenarios of ADT messages through the real pipeline, one after the other in a scratch database.

Messages are received, stored, acknowledged and applied one by one, as from a connection. What is answered is read from
the tables, so that it is the database that is shown, not what the program had in mind.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
import psycopg
from sqlmodel import select

from app.census.facilities import AddFacility, FacilityKind, add_facility
from app.census.places import Feed
from app.census.rendering import render
from app.census.storage.stored import open_exceptions, stored_house
from app.census.terms import ExceptionKind, FeedPolicy
from app.interop import hl7
from app.interop.inbox import drain, receive
from app.interop.intake.messages import Source
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere, reading

_ACTOR = everywhere("replay")


class _Habits(msgspec.Struct, frozen=True):
    """What a site decided about the feed of a scenario."""

    a08_moves: bool = True
    a08_class: bool = True
    class_map: dict[str, str] = {}
    processing_ids: tuple[str, ...] = ("P",)


class _FeedOf(msgspec.Struct, frozen=True):
    timezone: str = "America/New_York"
    default_authority: str = "HOSP"
    policy: _Habits = _Habits()


class Scenario(msgspec.Struct, frozen=True):
    """One line of the input; other keys are ignored."""

    id: str | int | None = None
    feed: _FeedOf = _FeedOf()
    messages: list[str] = []


def replay(lines: Iterable[str], addresses: Addresses) -> Iterator[dict[str, Any]]:
    """The end of every scenario in the forms of `daybook replay`; `error` in place of them for a line that is none.

    Empties the database that `addresses` names before every scenario: give it nothing but a scratch one, to which this
    process is connected.
    """
    with psycopg.connect(addresses.owner, autocommit=True) as owner:
        owner.execute("set session_replication_role = replica")  # audited tables refuse to be emptied in one stroke
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                scenario = msgspec.json.decode(line, type=Scenario)
            except msgspec.DecodeError as error:
                yield {"id": None, "error": f"Line {number} is not a scenario: {error}."}
                continue
            _empty(owner)
            yield played(scenario)


def _empty(owner: psycopg.Connection[Any]) -> None:
    owner.execute(
        "truncate facility, patient, adt_fact, inbound_message, inbound_pending, audit_event, row_change, phi_access"
        " restart identity cascade"
    )


def played(scenario: Scenario, order: Sequence[int] | None = None) -> dict[str, Any]:
    """Play one scenario in an empty database, its messages in another `order` of arrival if one is given."""
    facility_id, policy = _set_up(scenario.feed)
    source = Source("replay", facility_id=facility_id)
    acknowledged: list[str] = []
    for place in order if order is not None else range(len(scenario.messages)):
        data = scenario.messages[place].encode("utf-8", "surrogatepass")
        acknowledged += [one.code for one in receive([*hl7.split_messages(data)] or [data], source)]
        while drain():
            pass
    return {"id": scenario.id, "acks": acknowledged, **shown(policy)}


def shown(policy: FeedPolicy) -> dict[str, Any]:
    """What the tables hold, in the forms of `daybook replay`."""
    with reading(_ACTOR) as view:
        house, stored = stored_house(view), open_exceptions(view)
    own = f"{policy.default_authority}|"
    names = {
        f"{one.kind}@{one.about.removeprefix(own) if one.kind is ExceptionKind.MULTIPLE_OPEN_IP else one.about or '?'}"
        for one in stored
    }
    return {**render(house, policy), "exceptions": sorted(names)}


def _set_up(feed: _FeedOf) -> tuple[int, FeedPolicy]:
    with begin(_ACTOR) as work:
        facility = add_facility(
            work,
            AddFacility(
                code="REPLAY",
                name="Replay",
                timezone=feed.timezone,
                kind=FacilityKind.ACUTE,
                authority=feed.default_authority,
            ),
        )
        row = work.session.exec(select(Feed).where(Feed.facility_id == facility.id)).one()
        row.a08_moves, row.a08_class = feed.policy.a08_moves, feed.policy.a08_class
        row.classes, row.processing_ids = feed.policy.class_map, " ".join(feed.policy.processing_ids)
        work.add(row)
        key = facility.id
    return key, FeedPolicy(feed=str(key), timezone=feed.timezone, default_authority=feed.default_authority)
