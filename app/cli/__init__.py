"""The command line. A command is loaded when it is asked for, so that `hl7 facts` needs neither database nor web."""

import sys
from importlib import import_module
from typing import Any

import click

from app.platform import log

OK, REFUSED, USAGE, ENVIRONMENT = 0, 1, 2, 3
INTERRUPTED = 130

# Name of the command, the module that holds it, and its line in the list of commands.
COMMANDS = {
    "demo": ("app.cli.demo", "the simulated hospital, ready to be looked at"),
    "serve": ("app.cli.serve", "web pages, HL7 listener and background work"),
    "worker": ("app.cli.serve", "background work alone"),
    "mllp": ("app.cli.serve", "the HL7 listener alone"),
    "migrate": ("app.cli.operation", "bring the database to the newest schema"),
    "doctor": ("app.cli.operation", "check the installation"),
    "audit": ("app.cli.trail.commands", "the audit trail: proof, archive"),
    "backup": ("app.cli.keeping", "write everything to an encrypted file"),
    "restore": ("app.cli.keeping", "make the database again from a backup"),
    "secrets": ("app.cli.upkeep.sealing", "keys that seal secrets in the database"),
    "user": ("app.cli.people", "people"),
    "facility": ("app.cli.people", "facilities"),
    "import": ("app.cli.data", "take files in"),
    "export": ("app.cli.data", "give data out"),
    "hl7": ("app.cli.messages", "look at HL7 messages"),
    "clocks": ("app.cli.messages", "obligations and counters from facts, without a database"),
    "measures": ("app.cli.operation", "stored figures of measures, brought up to date"),
    "replay": ("app.cli.messages", "feed scenarios through a scratch database"),
    "measure": ("app.cli.published.measure", "readmissions and length of stay from files, without a database"),
    "bench": ("app.cli.bench", "measure this machine"),
}


class EnvironmentFault(click.ClickException):
    """The machine, the database or a file of the installation is at fault, not the user."""

    exit_code = ENVIRONMENT


class InputRefused(click.ClickException):
    """Some input was refused; the text names it."""

    exit_code = REFUSED


class Lazily(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: Any = getattr(import_module(COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_module, line) in COMMANDS.items()])


@click.group(cls=Lazily, context_settings={"help_option_names": ["--help", "-h"]})
@click.version_option(package_name="daybook", prog_name="daybook")
def daybook() -> None:
    """Daily worklists, reviews and discharge plans for hospital case management.

    Data goes to standard output, messages to standard error. Exit status: 0 when all went well, 1 when some input was
    refused, 2 on wrong usage, 3 when the environment is at fault.

    DAYBOOK_HOME (default ./.data) holds what the program writes. DATABASE_URL names an external PostgreSQL; without it
    one is started from the installed package.
    """


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status; faults become one sentence on standard error."""
    try:
        with log.LastWord(ENVIRONMENT):
            return _run(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else OK


def _run(arguments: list[str] | None) -> int:
    try:
        status = daybook.main(arguments, prog_name="daybook", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else OK
    except click.Abort:
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except OSError as error:
        click.echo(f"Error: {error.strerror or type(error).__name__}: {error.filename or 'no file named'}.", err=True)
        return ENVIRONMENT
