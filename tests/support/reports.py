"""Reports of measures for tests: people with mail addresses, a report that is sent, a mail that failed."""

import uuid

from sqlmodel import col, select

from app.metrics.reports.commands import SaveReport, save_report
from app.metrics.reports.events import AddressSet
from app.metrics.reports.mailing.commands import SendNow as Now
from app.metrics.reports.mailing.commands import SetSchedule, schedule_report, send_now
from app.metrics.reports.mailing.posting import locked, step
from app.metrics.reports.models import ReportAddress, ReportDelivery
from app.metrics.reports.terms import DeliveryAct, Rhythm
from app.metrics.terms import MeasureId
from app.platform.work import begin, everywhere
from tests.support.world import World

SOME = [MeasureId.READMISSION, MeasureId.LENGTH_OF_STAY, MeasureId.ORDER_TO_DEPARTURE]


def reachable(world: World, *names: str) -> None:
    """Give people a mail address, whatever this installation allows."""
    with begin(everywhere("test")) as work:
        for name in names:
            key = world.user[name]
            work.add(ReportAddress(user_id=key, address=f"{name}@north.example", made_at=work.now))
            work.record(AddressSet(user_id=key))


def saved(world: World, name: str = "Returns and days", **more: object) -> uuid.UUID:
    """A report of the first hospital with three measures; its key."""
    ask = SaveReport.model_validate({"name": name, "measures": SOME, **more})
    with begin(world.viewer("dora")) as work:
        return save_report(work, world.facility["NORTH"], ask).report_id


def sent(world: World, name: str = "Returns and days") -> dict[str, str]:
    """A report with a schedule and a mail that failed; the keys that stand in addresses."""
    key, north = saved(world, name), world.facility["NORTH"]
    with begin(everywhere("test")) as work:
        has = work.session.exec(
            select(ReportAddress).where(
                ReportAddress.user_id == world.user["dora"], col(ReportAddress.ended_at).is_(None)
            )
        ).first()
    if has is None:
        reachable(world, "dora")
    with begin(world.viewer("dora")) as work:
        people = [world.user["dora"]]
        schedule_report(work, north, key, SetSchedule(rhythm=Rhythm.MONTHLY, on_day=3, at_hour=6, people=people))
        send_now(work, north, key, Now(people=people))
    with begin(everywhere("test")) as work:
        mail = work.session.exec(select(ReportDelivery).where(ReportDelivery.report_id == key)).one().delivery_id
        step(work, locked(work, mail), DeliveryAct.FAIL, "No mail server is set.")
    return {"report_id": str(key), "report_delivery_id": str(mail)}
