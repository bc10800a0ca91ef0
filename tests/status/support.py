"""Stays of the small hospital whose status the committee decides, by the commands of the product."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from app.census.united import subject
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Permission
from app.status.changing import commands as changing
from app.status.committee.commands import SeatMember, seat_member
from app.status.determining import commands as determining
from app.status.events import StatusChangeBegun
from app.status.forms import (
    BeginChange,
    Close,
    CompleteChange,
    Determine,
    GiveOpinion,
    LogConsult,
    NameTeam,
    OpenDetermination,
    Say,
    SayClaim,
    Tell,
    WriteExpectation,
)
from app.status.models import StatusCase
from tests.support.feed import Telling
from tests.support.world import NOW, World

ADMITTED = "A01 | rec 03-04 22:40 | occ 03-04 22:40 | bed 4W^401^A | ins MEDICARE | attending 1001^TENDING^ANN\n"
LEFT = "A03 | rec 03-05 09:30 | occ 03-05 09:30 | bed 4W^401^A | disp 01 | ins MEDICARE | attending 1001^TENDING^ANN\n"
WATCHED_AGAIN = (
    "A07 | rec 03-05 11:10 | occ 03-05 11:10 | bed 4W^401^A | class O | type OBS | ins MEDICARE"
    " | attending 1001^TENDING^ANN\n"
)
ORDER = {"ordered_by": "Ann Tending MD", "reason": "Short stay expected from the start", "order_number": "7781"}
MINUTE = timedelta(minutes=1)


def tell_story(world: World, story: str, *, first: int = 1, at: datetime = NOW) -> uuid.UUID:
    """Tell a story of messages; the key of its stay."""
    Telling(world, first=first).tell(story, at=at)
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select id from encounter where gone_at is null order by serial desc limit 1")
    return found


def seat(world: World, *names: str, interested: tuple[str, ...] = ()) -> None:
    """Give seats on the committee of the first hospital."""
    for name in names:
        with begin(everywhere("test"), at=NOW - timedelta(days=5)) as work:
            ask = SeatMember.model_validate(
                {"user_id": world.user[name], "degree": "md", "first_day": date(2026, 1, 1),
                 "financial_interest": name in interested}
            )  # fmt: skip
            seat_member(work, world.facility["NORTH"], date(2026, 3, 1), ask)


def ask(world: World, stay: uuid.UUID, question: str = "admission", at: datetime = NOW, name: str = "uma") -> uuid.UUID:
    """Open a determination."""
    with begin(world.viewer(name).acting(Permission.STATUS_WORK), at=at) as work:
        made = determining.open_determination(work, stay, OpenDetermination.model_validate({"question": question}))
        return made.determination_id


def hear(world: World, case: uuid.UUID, answer: str = "concurs", at: datetime = NOW, **more: Any) -> uuid.UUID:
    """Record an attempt to hear the attending."""
    said = {"practitioner": "Ann Tending MD", "channel": "telephone", "answer": answer,
            "views": "Two nights of oxygen are needed." if answer == "disagrees" else "",
            "documented_in": "Progress note of 10:02" if answer == "concurs" else ""}  # fmt: skip
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=at) as work:
        return determining.log_consult(work, case, LogConsult.model_validate(said | more)).id


def opine(
    world: World, case: uuid.UUID, name: str = "paul", finding: str = "not_necessary", at: datetime = NOW
) -> uuid.UUID:
    """A member's opinion."""
    with begin(world.viewer(name).acting(Permission.DETERMINE), at=at) as work:
        given = GiveOpinion.model_validate({"finding": finding, "rationale": "Stable on room air."})
        return determining.give_opinion(work, case, given).id


def find(world: World, case: uuid.UUID, name: str = "paul", finding: str = "not_necessary", at: datetime = NOW) -> None:
    """The finding of the committee."""
    with begin(world.viewer(name).acting(Permission.DETERMINE), at=at) as work:
        determining.determine(
            work, case, Determine.model_validate({"finding": finding, "rationale": "Stable on room air."})
        )


def notify(world: World, case: uuid.UUID, *told: str, at: datetime = NOW) -> list[uuid.UUID]:
    """Written notices."""
    made = []
    for one in told or ("hospital", "patient", "practitioner"):
        with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=at) as work:
            given = Tell.model_validate({"told": one, "recipient": "Whom it concerns", "channel": "letter"})
            made.append(determining.tell(work, case, given).id)
    return made


def shut(world: World, case: uuid.UUID, exception: str = "", at: datetime = NOW) -> None:
    """Close a determination."""
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=at) as work:
        determining.close(work, case, Close(exception=exception))


def strike_case(world: World, case: uuid.UUID, name: str = "paul", at: datetime = NOW) -> None:
    """Strike a determination out."""
    with begin(world.viewer(name).acting(Permission.DETERMINE), at=at) as work:
        determining.strike_out(work, case, Say(reason="Of another patient"))


def claim(world: World, stay: uuid.UUID, statement: str = "not_submitted", at: datetime = NOW) -> None:
    """What billing says of the claim."""
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=at) as work:
        changing.say_claim(work, stay, SayClaim.model_validate({"statement": statement, "said_by": "Billing desk"}))


def change(world: World, stay: uuid.UUID, kind: str = "condition_44", at: datetime = NOW) -> uuid.UUID:
    """Work towards a change."""
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=at) as work:
        return changing.begin_change(work, stay, BeginChange.model_validate({"kind": kind})).change_id


def complete(world: World, change_id: uuid.UUID, at: datetime = NOW, **more: Any) -> None:
    """Complete a change."""
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=at) as work:
        changing.complete_change(work, change_id, CompleteChange.model_validate(ORDER | more))


def owed(rule: str) -> list[tuple[str, datetime | None, datetime | None]]:
    """What is stored as owed under a rule: subject, due, closed."""
    with reading(everywhere("test")) as view:
        query = "select subject, due_at, closed_at from obligation where ended_at is null and required and rule = %s"
        return view.rows(lambda *row: row, f"{query} order by due_at, subject", (rule,))


def events(name: str) -> list[dict[str, Any]]:
    """What the trail keeps of events of this name."""
    with reading(everywhere("test")) as view:
        return view.values("select facts from audit_event where name = %s order by id", (name,))


def state(case: uuid.UUID) -> str:
    """Where a determination stands."""
    with reading(everywhere("test")) as view:
        return str(
            view.value("select state from determination where determination_id = %s and ended_at is null", (case,))
        )


def worked_on(world: World, stay: uuid.UUID, at: datetime, words: str = "Needs no hospital bed.") -> dict[str, str]:
    """A stay with one record of every kind that status knows, made at that instant; their keys."""
    seat(world, "paul", "carla")
    case = ask(world, stay, at=at)
    hear(world, case, "disagrees", at=at, views=words)
    opine(world, case, at=at)
    claim(world, stay, at=at)
    with begin(world.viewer("uma").acting(Permission.STATUS_WORK), at=at) as work:
        said = {"basis": "two_midnights", "physician": "Ann Tending MD", "factors": words}
        changing.write_expectation(work, stay, WriteExpectation.model_validate(said))
        entry = changing.name_team(work, stay, NameTeam(name="Ben Osei", capacity=words)).id
    with reading(everywhere("test")) as view:
        seat_id = view.value("select id from committee_member order by id limit 1")
    with begin(everywhere("test"), at=at) as work:  # by hand: who pays for this stay does not matter here
        held = subject(work, stay)
        made = work.add(
            StatusCase(change_id=uuid.uuid4(), encounter_id=stay, facility_id=held.facility_id, kind="condition_44",
                       state="open", begun_at=at, made_at=at)
        )  # fmt: skip
        change_id = made.change_id
        work.record(
            StatusChangeBegun(case_id=change_id, kind=made.kind, encounter_id=stay, patient_id=held.patient_id,
                              facility_id=held.facility_id)
        )  # fmt: skip
    return {
        "determination_id": str(case), "record_id": str(entry), "change_id": str(change_id), "member_id": str(seat_id),
    }  # fmt: skip
