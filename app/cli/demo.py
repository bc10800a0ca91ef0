"""`daybook demo`: the simulated hospital in a database of its own, served on this machine only."""

import contextlib
import logging
import multiprocessing
import os
import shutil
import socket
import sys
from dataclasses import dataclass, replace
from typing import Any

import click

from app.cli import EnvironmentFault
from app.cli.house import connected, open_database, settings_of_environment
from app.cli.serve import Service, listening, serve_parts
from app.cli.supervisor import Child, Supervisor
from app.demo.cast import sign_ins
from app.demo.plan import Plan
from app.demo.run import Memory, Pace, Progress, others_live_here
from app.platform import postgres
from app.platform.metrics.meters import shared_folder
from app.platform.now import now
from app.settings import Settings

_log = logging.getLogger(__name__)
_NAMES = {"seed": "--seed", "beds": "--beds", "days": "--days"}


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line; None leaves it to an earlier run or the default."""

    seed: int | None
    beds: int | None
    days: int | None

    def plan(self, known: Plan | None) -> Plan:
        """The plan to follow. A wish that an existing demonstration cannot fulfil is refused."""
        asked = {name: value for name in _NAMES if (value := getattr(self, name)) is not None}
        if known is None:
            return Plan(now=now().replace(microsecond=0), **asked)
        for name, value in asked.items():
            if getattr(known, name) != value:
                raise click.UsageError(
                    f"The demonstration in this folder was made with {_NAMES[name]} {getattr(known, name)}. "
                    f"Add --fresh to make a new one."
                )
        return known


@click.command("demo")
@click.option("--fresh", is_flag=True, help="Throw the demonstration away and make a new one.")
@click.option("--beds", type=click.IntRange(20, 2000), help="Beds of the acute hospital [default: 250].")
@click.option("--days", type=click.IntRange(1, 730), help="Days of history [default: 120].")
@click.option("--seed", type=click.IntRange(0), help="Another seed gives other patients [default: 1].")
@click.option("--live", is_flag=True, help="Let the simulated feed go on.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.1, 3600),
    help="With --live: so many times faster than real time; the feed's clock then runs ahead.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port of the web pages.")
@click.option("--mllp-port", default=2575, show_default=True, type=click.IntRange(0, 65535), help="Port of HL7.")
def demo_command(fresh: bool, live: bool, speed: float, port: int, mllp_port: int, **wishes: Any) -> None:
    """Show Daybook with a simulated hospital: 120 days of messages and today.

    All patients and people are invented. Today's census is served first, the history fills in behind it. A second start
    keeps the data and catches up with the clock. Pages are served on this machine only, without TLS.
    """
    settings = replace(settings_of_environment(), secure_cookies=False, log_requests=False)
    service = Service("127.0.0.1", port, mllp_port)
    with listening(service) as sockets:
        if fresh:
            throw_away(settings)
        memory = Memory(settings.home)
        known = memory.recall()
        plan = Wish(wishes["seed"], wishes["beds"], wishes["days"]).plan(known.plan if known else None)
        progress = known or Progress(plan)
        _play(settings, service, sockets, progress, Pace(live, speed))


def _play(settings: Settings, service: Service, sockets: list[socket.socket], progress: Progress, pace: Pace) -> None:
    supervisor = Supervisor()
    with shared_folder(settings.home), open_database(settings) as addresses:
        with connected(addresses, size=1):
            if others_live_here():
                raise EnvironmentFault("This database holds a real installation. Give the demo another DAYBOOK_HOME.")
        Memory(settings.home).keep(progress)
        supervisor.catch_signals()
        ready = multiprocessing.Event()
        feed = Child("feed", feed_part, (settings, addresses, ready, pace), lasting=pace.live)
        if progress.assigned:
            serve_parts(supervisor, settings, addresses, service, sockets)
            supervisor.start(feed)
        elif supervisor.wait_for(supervisor.start(feed), ready):
            serve_parts(supervisor, settings, addresses, service, sockets)
        elif not supervisor.told_to_stop:
            raise EnvironmentFault("The simulated hospital could not be made. The lines above say where.")
        if not supervisor.told_to_stop:
            _announce(service)
        supervisor.run()


def _announce(service: Service) -> None:
    click.echo(f"\nDaybook is served on http://{service.host}:{service.port}", err=True)
    if service.mllp_port:
        click.echo(f"HL7 messages are taken on {service.host}:{service.mllp_port} (MLLP)", err=True)
    click.echo(sign_ins(), err=True)


def throw_away(settings: Settings) -> None:
    """Remove the embedded database of an earlier demonstration, and nothing else."""
    if settings.database_url:
        raise click.UsageError("--fresh removes an embedded database only; empty the one of DATABASE_URL yourself.")
    folder = settings.home / "pg"
    if not folder.exists():
        Memory(settings.home).file.unlink(missing_ok=True)
        return
    if not Memory(settings.home).file.exists():
        raise EnvironmentFault(f"{settings.home} holds an installation that no demo made; --fresh does not touch it.")
    with postgres.embedded(folder, {}):
        pass  # its last user stops the server: one that goes on belongs to another process
    if (folder / "postmaster.pid").exists():
        raise EnvironmentFault(f"Another process uses the database in {settings.home}. Stop it first.")
    shutil.rmtree(folder)
    Memory(settings.home).file.unlink(missing_ok=True)


def feed_part(settings: Settings, addresses: postgres.Addresses, ready: Any, pace: Pace) -> None:
    """The process that plays the hospital: today first, then the history, then what has happened since."""
    from app.cli.parts import begin_part
    from app.demo import habits, run
    from app.demo.privacy import watched
    from app.demo.simulation import simulate

    begin_part("feed")
    memory = Memory(settings.home)
    progress = memory.recall()
    if progress is None:
        raise EnvironmentFault("The demonstration was thrown away meanwhile.")
    with connected(addresses, size=2), _bar() as tell:
        simulation = simulate(progress.plan)
        run.furnish(simulation)
        if not progress.assigned:
            run.feed_open_stays(simulation, memory, progress, tell)
            run.assign_stays(simulation)
            run.name_lines(simulation)
            run.give_notices(simulation, memory, progress, tell)
            habits.live_a_day(simulation)
            habits.build_present_day(simulation)
            watched.be_watched(simulation)
            progress.assigned = True
            memory.keep(progress)
        ready.set()
        os.nice(5)  # pages go first
        run.make_plans(simulation, memory, progress, tell)
        run.feed_history(simulation, memory, progress, tell)
        simulation.forget_history()
        run.give_notices(simulation, memory, progress, tell)
        run.make_plans(simulation, memory, progress, tell)
        run.make_measures(simulation, memory, progress, tell)
        habits.build_earlier_days(simulation)
        run.write_rules(simulation)
        run.continue_feed(simulation, memory, progress, pace)
    _log.info("feed ended", extra={"stage": "caught up"})


@contextlib.contextmanager
def _bar() -> Any:
    """Progress on standard error: a bar on a terminal, a line for each tenth elsewhere."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*columns, console=Console(stderr=True)) as bar:
            tasks: dict[str, Any] = {}

            def draw(what: str, done: int, total: int) -> None:
                if what not in tasks:
                    tasks[what] = bar.add_task(what, total=total)
                bar.update(tasks[what], completed=done)

            yield draw
        return
    said: set[tuple[str, int]] = set()

    def say(what: str, done: int, total: int) -> None:
        tenth = (what, 10 * done // max(total, 1))
        if tenth not in said:
            said.add(tenth)
            click.echo(f"{what}: {done} of {total}", err=True)

    yield say
