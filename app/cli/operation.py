"""`daybook migrate`, `daybook doctor` and `daybook measures refresh`."""

import dataclasses
from collections.abc import Iterator

import click

from app.cli import ENVIRONMENT
from app.cli.house import connected, open_house, sentences, settings_of_environment
from app.cli.messages import write_line
from app.platform import postgres, queue, schema
from app.platform.doctor import Finding, examine
from app.platform.work import everywhere, reading
from app.settings import Settings, described

NAMED_STAYS = 20
"""So many stays are named by their keys; more would fill the screen."""


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
@click.option("--ledger", is_flag=True, help="Also count every midnight of every stay anew and compare.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per finding.")
def doctor_command(deep: bool, ledger: bool, as_json: bool) -> int:
    """Check the installation: database, schema, roles, policies, audit trail, waiting messages, disk.

    Prints one line per question. Exit status 3 when something must be done.
    """
    settings, sick = settings_of_environment(), False
    with sentences(), postgres.database(settings) as addresses:
        for finding in _findings(settings, addresses, deep=deep, ledger=ledger):
            sick |= not finding.sound
            if as_json:
                write_line(dataclasses.asdict(finding))
            else:
                click.echo(f"{'ok  ' if finding.sound else 'FAIL'}  {finding.question}: {finding.sentence}")
    return ENVIRONMENT if sick else 0


def _findings(settings: Settings, addresses: postgres.Addresses, *, deep: bool, ledger: bool) -> Iterator[Finding]:
    ready = True
    for finding in examine(settings, addresses):
        ready &= finding.sound or finding.question not in ("database", "schema", "application role")
        yield finding
    if ready:
        with connected(addresses, size=2):
            yield _waiting()
            yield _work()
            yield _measures()
            yield _secrets(settings)
            yield from _provider(settings)
            yield _openings()
            if deep:
                yield _census()
                yield _clocks()
                yield _cases()
            if ledger:
                yield _ledger()
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


def _secrets(settings: Settings) -> Finding:
    from app.cli.upkeep.sealing import finding

    return finding(settings)


def _provider(settings: Settings) -> Iterator[Finding]:
    """The identity provider, where there is one: asked now."""
    from app.accounts.identity.client import provider_of, registration
    from app.accounts.identity.mapping import try_provider

    known = registration(settings)
    if known is not None:
        trouble = try_provider(provider_of(known))
        sentence = f"{trouble} People can sign in with passwords." if trouble else "It answers and shows its keys."
        yield Finding("identity provider", not trouble, sentence)


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


LONG_WAIT_SECONDS = 600


def _measures() -> Finding:
    from app.metrics.store.refresh import waiting

    found = waiting()
    late = found.seconds > LONG_WAIT_SECONDS
    sentence = f"{found.patients} patients wait to be reckoned anew."
    if late:
        sentence += " The first of them for more than ten minutes: start `daybook worker`, and look into its log."
    return Finding("measures", not late, sentence)


def _openings() -> Finding:
    """What waits for the privacy officer. Never a fault of the installation."""
    from app.accounts.watching.openings.queries import count
    from app.accounts.watching.unusual.queries import count_open

    with reading(everywhere("doctor")) as view:
        found, unusual = count(view), count_open(view)
    sentence = f"{found.waiting} opened restricted stays wait to be judged, {found.overdue} for longer than 72 hours;"
    return Finding("privacy", True, f"{sentence} {unusual} unusual accesses are undecided.")


def _cases() -> Finding:
    from app.metrics.store.agreement import compare

    with reading(everywhere("doctor"), still=True) as view:
        found = compare(view)
    if found.sound:
        return Finding("cases of measures", True, f"{found.cases} stored cases equal a fresh computation.")
    named = f" in {', '.join(found.measures)}" if found.measures else ""
    sentence = f"{found.differing} of {found.patients} patients differ{named}, {found.days} sums of days do not add up."
    return Finding("cases of measures", False, f"{sentence} `daybook measures refresh --all` reckons them anew.")


def _ledger() -> Finding:
    from app.ledger.checking import check

    with reading(everywhere("doctor")) as view:
        found = check(view)
    looked = f"{found.midnights} midnights of {found.stays} stays"
    if found.broken:
        named = "; ".join(f"{one.encounter_id}: {one.what}" for one in found.broken[:NAMED_STAYS])
        more = len(found.broken) - NAMED_STAYS
        rest = f"; and {more} more" if more > 0 else ""
        sentence = f"{looked}, {len(found.broken)} do not fit: {named}{rest}. `doctor --deep` compares the census."
        return Finding("day ledger", False, sentence)
    placeless = f", {found.placeless} without a known place" if found.placeless else ""
    return Finding("day ledger", True, f"{looked} add up in every lane and equal the census of the units{placeless}.")


@click.group()
def measures_command() -> None:
    """The stored cases of measures and their figures per day. `daybook worker` keeps them up to date by itself."""


@measures_command.command("refresh")
@click.option("--all", "everybody", is_flag=True, help="Reckon every patient anew, also those of whom nothing changed.")
def refresh(everybody: bool) -> int:
    """Reckon anew the patients of whom something changed since the last time.

    Prints one JSON object: how many patients, how many rows were made and removed; with --all also how many patients
    had other cases than were stored although nothing waited for them, and of which measures.
    """
    from app.metrics.store.refresh import bring_up_to_date, recompute, waiting

    with open_house():
        if everybody:
            found = dataclasses.asdict(recompute())
            write_line(
                {name: found[name] for name in ("patients", "cases", "made", "removed", "differing", "measures")}
            )
            return 0
        before = waiting()
        while bring_up_to_date():
            pass
        write_line({"patients": before.patients, "still_waiting": waiting().patients})
    return 0
