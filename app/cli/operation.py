"""`daybook migrate`, `daybook doctor` and `daybook audit verify`."""

import dataclasses
from collections.abc import Iterator

import click
import psycopg

from app.cli import ENVIRONMENT, REFUSED
from app.cli.house import connected, open_house, sentences, settings_of_environment
from app.cli.messages import write_line
from app.platform import postgres, queue, schema, seal
from app.platform.doctor import Finding, examine
from app.platform.work import everywhere, reading
from app.settings import Settings, described


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema. Does nothing when it is there already; safe while others work."""
    settings = settings_of_environment()
    with sentences(), postgres.database(settings) as addresses:
        with schema.owner_connection(addresses.owner) as connection:
            before = schema.is_current(connection)
        if not before:
            schema.upgrade(addresses.owner)
    click.echo("The schema was current already." if before else "The schema is current now.", err=True)


@click.command("doctor")
@click.option("--deep", is_flag=True, help="Also compute census and deadlines anew and compare.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per finding.")
def doctor_command(deep: bool, as_json: bool) -> int:
    """Check the installation: database, schema, roles, policies, audit trail, waiting messages, disk.

    Prints one line per question. Exit status 3 when something must be done.
    """
    settings, sick = settings_of_environment(), False
    with sentences(), postgres.database(settings) as addresses:
        for finding in _findings(settings, addresses, deep=deep):
            sick |= not finding.sound
            if as_json:
                write_line(dataclasses.asdict(finding))
            else:
                click.echo(f"{'ok  ' if finding.sound else 'FAIL'}  {finding.question}: {finding.sentence}")
    return ENVIRONMENT if sick else 0


def _findings(settings: Settings, addresses: postgres.Addresses, *, deep: bool) -> Iterator[Finding]:
    ready = True
    for finding in examine(settings, addresses):
        ready &= finding.sound or finding.question not in ("database", "schema", "application role")
        yield finding
    if ready:
        with connected(addresses, size=2):
            yield _waiting()
            yield _work()
            if deep:
                yield _census()
                yield _clocks()
    yield _set(settings)


def _waiting() -> Finding:
    with reading(everywhere("doctor")) as view:
        waiting = view.value("select count(*) from inbound_pending")
        problems = view.value("select count(*) from inbound_problem where closed_at is null")
        oldest = view.value(
            "select extract(epoch from %s - min(m.received_at)) from inbound_pending p join inbound_message m"
            " on m.id = p.message_id",
            (view.now,),
        )
    stuck = waiting > 0 and (oldest or 0) > 600
    sentence = f"{waiting} messages wait to be applied, {problems} are set aside."
    if stuck:
        sentence += " The oldest waits for more than ten minutes: start `daybook worker`."
    return Finding("messages", not stuck, sentence)


def _work() -> Finding:
    with reading(everywhere("doctor")) as view:
        alive = queue.is_stood_for(view.connection)
        failed = view.value("select count(*) from procrastinate_jobs where status = 'failed'")
    sentence = f"{'A worker is alive' if alive else 'No worker is alive at this moment'}, {failed} jobs have failed."
    return Finding("background work", failed == 0, sentence + (" The log says where." if failed else ""))


def _set(settings: Settings) -> Finding:
    own = [one.variable for one in described(settings) if one.origin == "environment"]
    sentence = f"{', '.join(own)} set by the environment." if own else "All as shipped."
    return Finding("settings", True, f"{sentence} The configuration page shows their values.")


def _census() -> Finding:
    from app.census.commands import refold_all

    with reading(everywhere("doctor")) as view:
        differences = list(refold_all(view))
    if differences:
        return Finding("census", False, f"{len(differences)} differences between tables and a fold of all messages.")
    return Finding("census", True, "The tables equal a fold of all messages.")


def _clocks() -> Finding:
    from app.clocks.upkeep.agreement import differences

    with reading(everywhere("doctor")) as view:
        found = list(differences(view))
    faults = sum(1 for one in found if not one.rules)
    if found:
        rules = ", ".join(sorted({rule for one in found for rule in one.rules}))
        sentence = f"{len(found) - faults} stays differ from a fresh computation" + (f" in {rules}" if rules else "")
        sentence += f", {faults} cannot be computed." if faults else "."
        return Finding("deadlines", False, f"{sentence} The next sweep, within the hour, computes them again.")
    return Finding("deadlines", True, "What is stored as owed equals a fresh computation.")


@click.group()
def audit_command() -> None:
    """The audit trail."""


@audit_command.command("verify")
def verify() -> int:
    """Compute every seal of the audit trail again. Exit status 1 when one does not fit.

    Prints {"seals", "rows", "unsealed", "broken", "head"}. Keep `head` elsewhere: it proves later that no seal was
    taken off the end.
    """
    with open_house() as house, psycopg.connect(house.addresses.owner) as owner:
        verdict = seal.verify(owner)
    write_line(dataclasses.asdict(verdict))
    if verdict.broken is not None:
        click.echo(f"Seal {verdict.broken} does not fit its rows: the audit trail was changed.", err=True)
        return REFUSED
    click.echo("The audit trail is whole.", err=True)
    return 0
