"""A long-term hospital beside the two of the world, with a case manager of its own, and referrals to it."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.census.facilities import AddFacility, DescribeUnit, FacilityKind, UnitKind, add_facility, describe_unit
from app.clocks.terms import Line
from app.kernel.days import local_day
from app.ltac.screening.commands import decide, receive, record_screening, set_authorization
from app.ltac.screening.forms import Decide, Screen, SetPayer, TakeReferral
from app.ltac.screening.terms import Need, PayerState, ReferralAction, Told
from app.platform.work import begin, everywhere
from app.security.permissions import Role
from app.security.viewer import Grant, Place, Viewer
from tests.support.long_term import make_kind
from tests.support.world import NOW, World

CODE, NAME = "LONG", "Stillwater Long-Term Hospital"
TODAY = date(2026, 3, 5)
CHICAGO = ZoneInfo("America/Chicago")


def long_term(world: World) -> int:
    """The long-term hospital, made once, with Lena as its case manager."""
    if CODE in world.facility:
        return world.facility[CODE]
    with begin(everywhere("world"), at=NOW - timedelta(days=30)) as work:
        made = add_facility(
            work,
            AddFacility(code=CODE, name=NAME, timezone="America/Chicago", kind=FacilityKind.LTCH, authority=CODE),
        )
        describe_unit(work, made.id, DescribeUnit(code="LT", name="Long-term", kind=UnitKind.LTAC, beds=30))
        user = add_user(work, AddUser(name="lena", display_name="Lena Brandt", credentials="RN"))
        grant_role(work, GrantRole(user_id=user.id, role=Role.CASE_MANAGER, facility_id=made.id))
    world.facility[CODE], world.user["lena"] = made.id, user.id
    world.place[CODE] = Place(made.id, CODE, NAME, "America/Chicago")
    return made.id


def lena(world: World, *elsewhere: str) -> Viewer:
    """The case manager of the long-term hospital; with facilities where she works as well."""
    grants = tuple(Grant(Role.CASE_MANAGER, world.facility[code]) for code in (CODE, *elsewhere))
    places = tuple(world.place[code] for code in (CODE, *elsewhere))
    return Viewer(
        user_id=world.user["lena"], session_id=uuid.uuid4(), name="lena", display_name="Lena Brandt",
        credentials="RN", grants=grants, places=places, attending_number="",
    )  # fmt: skip


def asked(**more: Any) -> TakeReferral:
    """A referral as a hospital tells it."""
    usual = {
        "family": "Rourke", "given": "Denise", "birth": date(1958, 7, 2), "sex": "F", "record_number": "H4711",
        "from_name": "Hollis Point", "from_place": "ICU 4", "needs": [Need.VENTILATOR], "payer_name": "Medicare A/B",
        "line": Line.MEDICARE_FFS,
    }  # fmt: skip
    return TakeReferral.model_validate(usual | more)


def complete(**more: Any) -> Screen:
    """A screening that has every evidence of the standard rate: four days in intensive care, directly from there."""
    usual = {
        "acute": Told.YES, "direct": Told.YES, "excluded": Told.NO, "intensive": "days",
        "intensive_first": date(2026, 2, 27), "intensive_last": date(2026, 3, 2), "benefit_left": 52,
        "reserve_left": 60, "benefit_source": "eligibility answer", "expected_days": 28,
    }  # fmt: skip
    return Screen.model_validate(usual | more)


def referred(world: World, at: datetime = NOW, who: Any = None, **more: Any) -> uuid.UUID:
    """A referral to the long-term hospital; its key."""
    facility = long_term(world)
    with begin(who or everywhere("test"), at=at) as work:
        return receive(work, facility, asked(**more)).id


def screened(referral: uuid.UUID, at: datetime = NOW, **more: Any) -> None:
    """Screen it with all evidence, or with what is said otherwise."""
    with begin(everywhere("test"), at=at) as work:
        record_screening(work, referral, complete(**more))


def accepted(world: World, at: datetime = NOW, **more: Any) -> uuid.UUID:
    """A referral that was screened and accepted; its key."""
    made = referred(world, at, **more)
    screened(made, at)
    decided = at + timedelta(minutes=30)
    with begin(everywhere("test"), at=decided) as work:
        decide(work, made, Decide(action=ReferralAction.ACCEPT, bed="LT 204", bed_on=local_day(decided, CHICAGO)))
    return made


def referred_anywhere(world: World, text: str) -> dict[str, str]:
    """An accepted referral to the first hospital of the tests, which is a long-term one only while it comes in."""
    facility = world.facility["NORTH"]
    make_kind(world, "ltch")
    with begin(everywhere("test"), at=NOW) as work:
        key = receive(work, facility, asked(family="Quillfeather", given=text, note=text, record_number="SECRET")).id
        record_screening(work, key, complete(remark=text))
        set_authorization(work, key, SetPayer(state=PayerState.APPROVED, payer_number=text, days=14))
        decide(work, key, Decide(action=ReferralAction.ACCEPT, bed=text))
    make_kind(world, "acute")
    return {"candidate_id": str(key)}
