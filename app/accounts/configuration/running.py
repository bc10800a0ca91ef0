"""What runs: version, schema, database, disk, processes, schedules and standing duties, as text for the page."""

import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from croniter import croniter

from app.kernel.wording import dated_text
from app.platform import queue
from app.platform.metrics.meters import memory
from app.platform.postgres import Addresses, shown_address
from app.platform.queue import Duties
from app.platform.work import Reading, reading
from app.security.viewer import Viewer
from app.settings import Settings

GIB = 1024**3
MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Installation:
    """What the web application knows of itself. `metrics` is the folder in which the processes count together."""

    settings: Settings
    addresses: Addresses
    duties: Duties
    metrics: Path | None


def what_runs(viewer: Viewer, house: Installation) -> dict[str, Any]:
    """Everything that the page shows beside the settings."""
    zone = ZoneInfo(viewer.place.timezone if viewer.place else "UTC")
    with reading(viewer) as view:
        return {
            "program": _program(view, house),
            "parts": [
                {"name": part, "memory": f"{size / MIB:.0f} MiB"} for part, size in memory(house.metrics).items()
            ],
            "workers": _workers(view, zone),
            "schedules": [_schedule(view, one.job, one.cron, zone) for one in house.duties.schedules],
            "standing": _standing(view, house.duties),
            "jobs": _jobs(view, house.duties),
        }


def _program(view: Reading, house: Installation) -> list[dict[str, str]]:
    number = view.value("show server_version")
    size = view.value("select pg_database_size(current_database())")
    disk = shutil.disk_usage(house.settings.home)
    facts = (
        ("Daybook", version("daybook")),
        ("Schema", f"step {view.value('select version_num from alembic_version')}"),
        ("Python", platform.python_version()),
        ("PostgreSQL", str(number)),
        ("Database", shown_address(house.addresses)),
        ("Size of the database", f"{size / MIB:.0f} MiB"),
        ("Home folder", str(house.settings.home)),
        ("Disk of the home folder", f"{disk.free / GIB:.1f} of {disk.total / GIB:.1f} GiB free"),
    )
    return [{"label": label, "value": value} for label, value in facts]


def _workers(view: Reading, zone: ZoneInfo) -> list[dict[str, str]]:
    rows = view.connection.execute(
        "select id, last_heartbeat, last_heartbeat > now() - make_interval(secs => %s) from procrastinate_workers"
        " order by last_heartbeat desc limit 20",
        (queue.STALLED_SECONDS,),
    ).fetchall()
    return [
        {"name": f"Worker {number}", "seen": dated_text(seen, zone, view.now), "state": "alive" if alive else "silent"}
        for number, seen, alive in rows
    ]


def _schedule(view: Reading, job: str, cron: str, zone: ZoneInfo) -> dict[str, str]:
    last = view.value(
        "select max(defer_timestamp) from procrastinate_periodic_defers where task_name = %s", (f"{job}.scheduled",)
    )
    following: datetime = croniter(cron, view.now.astimezone(UTC)).get_next(datetime)
    return {
        "name": job,
        "cron": f"{cron} (UTC)",
        "last": dated_text(datetime.fromtimestamp(last, UTC), zone, view.now) if last else "not yet",
        "next": dated_text(following, zone, view.now),
    }


def _standing(view: Reading, duties: Duties) -> list[dict[str, str]]:
    return [
        {
            "name": duty.name,
            "rhythm": f"every {duty.seconds:g} s" + (", and when told" if duty.channel else ""),
            "state": "being done" if queue.is_done_by_somebody(view.connection, duty.name) else "nobody does it",
        }
        for duty in duties.standing
    ]


def _jobs(view: Reading, duties: Duties) -> Sequence[dict[str, str]]:
    rows = view.connection.execute(
        "select task_name, count(*) filter (where status = 'todo'), count(*) filter (where status = 'doing'),"
        " count(*) filter (where status = 'failed') from procrastinate_jobs group by 1"
    ).fetchall()
    counts = {str(row[0]).removesuffix(".scheduled"): row[1:] for row in rows}
    names = sorted(duties.jobs.keys() | counts.keys())
    return [
        {"name": name, **dict(zip(("waiting", "doing", "failed"), map(str, counts.get(name, (0, 0, 0))), strict=True))}
        for name in names
    ]
