"""`daybook user add` and `daybook facility add`: what an administrator needs before anybody can sign in."""

import secrets

import click
import msgspec
from pydantic import ValidationError

from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.census.facilities import AddFacility, FacilityKind, add_facility, facility_by_code
from app.cli.house import open_house, usage
from app.cli.messages import write_line
from app.platform.work import begin, everywhere, reading
from app.security.permissions import Role

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are mistaken for one another on paper


@click.group()
def user_command() -> None:
    """People who may sign in."""


@user_command.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What the person may do.")
@click.option("--facility", "code", help="Code of the facility where the role holds.")
@click.option("--everywhere", "all_facilities", is_flag=True, help="The role holds in every facility, also later ones.")
@click.option("--display-name", help="Name as others see it; the sign-in name if left out.")
def add_person(name: str, role: str, code: str | None, all_facilities: bool, display_name: str | None) -> None:
    """Add a person with a role.

    Prints a temporary password, once: it is good for signing in and setting an own one. One JSON object goes to
    standard output: {"name", "role", "facility", "temporary_password"}.
    """
    if (code is None) != all_facilities:
        raise click.UsageError("Name the facility with --facility CODE, or say --everywhere.")
    password = temporary_password()
    try:
        ask = AddUser(name=name, display_name=display_name or name, password=password, must_change_password=True)
    except ValidationError as error:
        raise usage(error) from error
    with open_house(), begin(everywhere("command line")) as work:
        facility_id = facility_by_code(work, code).id if code else None
        person = add_user(work, ask)
        grant_role(work, GrantRole(user_id=person.id, role=Role(role), facility_id=facility_id))
    write_line({"name": name, "role": role, "facility": code, "temporary_password": password})
    click.echo(f"{name} can sign in with the temporary password and must then choose another.", err=True)


@click.group()
def facility_command() -> None:
    """Facilities and their feeds."""


@facility_command.command("add")
@click.argument("code")
@click.option("--name", required=True, help="Name of the hospital.")
@click.option("--timezone", required=True, help="Time zone, such as America/Chicago.")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in FacilityKind]), help="Its kind.")
@click.option("--authority", default="", help="Authority of its numbers and sender in MSH-4; CODE if left out.")
def add_hospital(code: str, name: str, timezone: str, kind: str, authority: str) -> None:
    """Add a facility with the usual feed settings. Messages that waited for it are then applied."""
    try:
        ask = AddFacility(code=code, name=name, timezone=timezone, kind=FacilityKind(kind), authority=authority)
    except ValidationError as error:
        raise usage(error) from error
    with open_house(), begin(everywhere("command line")) as work:
        facility = add_facility(work, ask)
    write_line({"code": facility.code, "name": facility.name, "timezone": facility.timezone, "kind": facility.kind})


@facility_command.command("last-messages")
def last_message_of_each() -> None:
    """The last accepted message of every sender, from which the interface engine goes on after a restore.

    Prints one JSON object a line: {"facility", "sending_application", "sending_facility", "control_id", "event",
    "received_at"}. What was sent after it must be sent again; what is sent twice is taken once.
    """
    from app.interop.queries import last_messages

    with open_house(), reading(everywhere("command line")) as view:
        found = last_messages(view)
    for one in found:
        write_line({**msgspec.structs.asdict(one), "received_at": one.received_at.isoformat()})


def temporary_password() -> str:
    """Four groups of four letters: 79 bits, easily read out on the telephone."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
