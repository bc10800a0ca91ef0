"""What people of the tests did: pages they saw, stays they opened with a reason."""

import uuid
from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.accounts.watching.openings.commands import JudgeOpening, judge_opening
from app.accounts.watching.openings.terms import OpeningVerdict
from app.accounts.watching.unusual.commands import DecideFinding, decide
from app.accounts.watching.unusual.gathering import Place
from app.accounts.watching.unusual.looking import watch_day
from app.accounts.watching.unusual.terms import FindingVerdict
from app.kernel.days import instant_of, local_day
from app.platform.now import now
from app.platform.work import Disclosure, begin, disclose, everywhere, reading
from app.security.permissions import Permission
from tests.support.glass import open_stay
from tests.support.stays import StaySpec, add_stay
from tests.support.world import World

REASON = "Covering for the case manager of the unit tonight"
OPEN = "GET /encounters/{encounter_id}"


def patient_of(stay: uuid.UUID) -> uuid.UUID:
    """The patient of a stay."""
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value("select patient_id from encounter where id = %s", (stay,))
    return found


def saw(world: World, name: str, *stays: uuid.UUID, at: datetime | None = None, route: str = OPEN) -> None:
    """One page that showed the patients of these stays."""
    who = world.viewer(name).acting(Permission.STAY_SEE)
    disclose(who, Disclosure(route, [patient_of(one) for one in stays], "192.0.2.44"), at=at)


def saw_each(world: World, name: str, stays: list[uuid.UUID], at: datetime) -> None:
    """One page for each of these stays, a second apart."""
    for number, stay in enumerate(stays):
        saw(world, name, stay, at=at + timedelta(seconds=number))


def opened(world: World, name: str, stay: uuid.UUID, ago: timedelta = timedelta(0)) -> uuid.UUID:
    """A restricted stay that this person opened with a reason, so long ago; returns the key of the opening."""
    made = open_stay(world.viewer(name), stay, REASON)
    if ago:
        with begin(everywhere("test")) as work:
            work.connection.execute(
                "update stay_access set opened_at = opened_at - %s, until = until - %s where id = %s",
                (ago, ago, made.id),
            )
            work.connection.execute("select set_config('app.changed', '', true)")
    return made.id


def watch_yesterday(world: World, does: Callable[[datetime], None]) -> int:
    """Let somebody do something yesterday in the morning, and put the rules to that day."""
    zone = ZoneInfo("America/Chicago")
    day = local_day(now(), zone) - timedelta(days=1)
    does(instant_of(day, time(9, 30), zone))
    return watch_day(Place(world.facility["NORTH"], str(zone)), day)


def moment() -> datetime:
    """The present of the program."""
    return now()


def watched(world: World, words: str) -> dict[str, str]:
    """A judged opening and a decided finding of the first hospital; their keys by name of route parameter."""
    stay = add_stay(world, StaySpec(family="Whitlow", given=words, unit="ICU", sensitivity="vip"))
    opening = opened(world, "dana", stay)
    saw(world, "dana", stay)
    place = Place(world.facility["NORTH"], "America/Chicago")
    watch_day(place, local_day(now(), ZoneInfo(place.zone)))
    officer = world.viewer("priya").acting(Permission.GLASS_REVIEW)
    with begin(officer) as work:
        ask = JudgeOpening(verdict=OpeningVerdict.COMPLIANCE, said=words)
        review = judge_opening(work, opening, ask).id
        finding = work.value("select id from unusual_access")
        decision = decide(work, finding, DecideFinding(verdict=FindingVerdict.FOLLOW_UP, said=words)).id
    return {
        "access_id": str(opening), "glass_review_id": str(review), "finding_id": str(finding),
        "access_decision_id": str(decision), "rule": "many",
    }  # fmt: skip
