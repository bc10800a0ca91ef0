"""A long-term hospital out of the first one of the tests, and one of everything that is charted there."""

import uuid
from datetime import datetime, timedelta

from app.ltac.course.charting import chart_therapy, chart_weaning
from app.ltac.course.commands import record_course
from app.ltac.course.forms import (
    ChartTherapy,
    ChartWeaning,
    CheckWound,
    FindWound,
    HoldConference,
    OrientFamily,
    TransferBack,
    ValidateAdmission,
)
from app.ltac.course.terms import Support, TransferReason, Trial
from app.platform.db import Who
from app.platform.now import now
from app.platform.work import begin, everywhere
from tests.support.stays import StaySpec, insert_stay
from tests.support.world import World


def make_kind(world: World, kind: str, code: str = "NORTH") -> None:
    """Make a hospital of the tests one of another kind; nothing else of it changes."""
    world.owner.execute("alter table facility disable trigger audit_row")
    world.owner.execute("update facility set kind = %s where id = %s", (kind, world.facility[code]))
    world.owner.execute("alter table facility enable trigger audit_row")


def charted(who: Who, stay: uuid.UUID, text: str, at: datetime | None = None) -> dict[str, str]:
    """One of everything on a stay of a long-term hospital; the keys by name of route parameter."""
    with begin(who, at=at) as work:
        day = chart_weaning(
            work, stay, ChartWeaning(support=Support.TRIAL, trial=Trial.FAILED, note=text, mode="pressure support")
        )
        chart_therapy(work, stay, ChartTherapy(pt=45, rt=60))
        wound = record_course(work, stay, FindWound(site=text))
        record_course(work, stay, CheckWound(wound=wound.record_id, length=4, width=3, depth=1, photo="chart"))
        held = record_course(
            work, stay,
            HoldConference(physician="Ann Tending", nursing="Dana", goal_respiratory=text, decided=text, barriers=text),
        )  # fmt: skip
        record_course(work, stay, ValidateAdmission(met=True, criterion=text, judged_by="Ann Tending"))
        record_course(work, stay, OrientFamily(to_whom=text))
        record_course(work, stay, TransferBack(reason=TransferReason.SEPSIS, words=text))
    return {"weaning_id": str(day.id), "course_id": str(held.record_id), "wound_id": str(wound.record_id)}


def charted_anywhere(world: World, stay: uuid.UUID, text: str, at: datetime | None = None) -> dict[str, str]:
    """The same where the hospital is no long-term one before and after."""
    make_kind(world, "ltch")
    made = charted(everywhere("test"), stay, text, at)
    make_kind(world, "acute")
    return made


def long_term_stay(world: World, days: int = 9, *, family: str = "Greer", bed: str = "A") -> uuid.UUID:
    """A stay of the second hospital, which is a long-term one from then on, that began some days ago."""
    make_kind(world, "ltch", "SOUTH")
    moment = now()
    began = moment - timedelta(days=days)
    spec = StaySpec(facility="SOUTH", family=family, given="Anton", unit="LV", bed=bed, start=began)
    with begin(everywhere("test"), at=moment) as work:
        return insert_stay(work, world, spec)
