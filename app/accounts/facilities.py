"""What an administrator changes about facilities, their feeds and units. Adding them is a matter of the census."""

from datetime import time
from typing import Self

from pydantic import BaseModel, Field, field_validator, model_validator
from sqlmodel import select

from app.accounts.people import Reach, reach_of
from app.census.facilities import (
    AddFacility,
    DescribeUnit,
    FacilityChanged,
    FacilityKind,
    add_facility,
    describe_unit,
)  # fmt: skip
from app.census.places import Facility, Feed, Unit
from app.census.terms import PatientClass
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Scope, System, Work, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Viewer

NO_FACILITY = "There is no such facility among those that you manage."
CHARSETS = {
    "cp1252": "Windows Western (cp1252)",
    "latin-1": "ISO 8859-1 (Latin 1)",
    "iso8859-15": "ISO 8859-15 (Latin 9)",
    "utf-8": "UTF-8",
}


class EditFacility(BaseModel):
    """The settings of a facility."""

    name: str = Field(min_length=1, max_length=120)
    timezone: str
    kind: FacilityKind
    build_at: time = time(5, 0)
    totp_required: bool = False

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return AddFacility._known_zone(value)


class EditFeed(BaseModel):
    """How the messages of a facility arrive and which habits its sender has."""

    authority: str = Field(min_length=1, max_length=60)
    aliases: str = Field(default="", max_length=400)
    port: int | None = None
    charset: str = "cp1252"
    processing_ids: str = Field(default="P", pattern=r"^[PTDptd, ]+$")
    silent_after_minutes: int = Field(default=30, ge=1, le=1440)
    a08_moves: bool = False
    a08_class: bool = False
    enhanced: bool = False
    classes: str = Field(default="", max_length=2000)

    @field_validator("charset")
    @classmethod
    def _known_charset(cls, value: str) -> str:
        if value not in CHARSETS:
            raise ValueError("Choose one of the list.")
        return value

    @field_validator("port")
    @classmethod
    def _usable_port(cls, value: int | None) -> int | None:
        if value is not None and not 1024 <= value <= 65535:
            raise ValueError("Choose a port from 1024 to 65535.")
        return value

    @model_validator(mode="after")
    def _own_name_is_no_alias(self) -> Self:
        if self.authority in self.alias_list():
            raise ValueError("The sender's own name need not be an alias.")
        return self

    @field_validator("classes")
    @classmethod
    def _readable_classes(cls, value: str) -> str:
        read_classes(value)
        return value

    def alias_list(self) -> list[str]:
        """Other names of the sender in MSH-4, in the order given, each once."""
        return list(dict.fromkeys(name.strip() for name in self.aliases.split(",") if name.strip()))

    def processing_text(self) -> str:
        """The values of MSH-11 that are taken, as capital letters with commas."""
        return ",".join(sorted({letter for letter in self.processing_ids.upper() if letter.isalpha()}))


def read_classes(text: str) -> dict[str, str]:
    """The class map that a site wrote, one `code = class` a line. ValueError names the line that is not understood."""
    known = {member.value for member in PatientClass}
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        code, _, value = (part.strip() for part in line.partition("="))
        if not code or value.upper() not in known:
            raise ValueError(f"Line {number}: write a code, then = and one of {', '.join(sorted(known))}.")
        found[code] = value.upper()
    return found


def write_classes(classes: dict[str, str]) -> str:
    """The class map as a person edits it."""
    return "\n".join(f"{code} = {value}" for code, value in classes.items())


def facility_reach(viewer: Viewer) -> Reach:
    """Which facilities this person administers."""
    return reach_of(viewer, Permission.FACILITY_MANAGE)


def new_facility(viewer: Viewer, ask: AddFacility) -> str:
    """Add a facility and return its code. Only an administrator of all facilities may: Refused for others."""
    if not facility_reach(viewer).everything:
        raise Refused("Only an administrator of all facilities can add one.")
    # The new facility lies in nobody's scope before it exists.
    with begin(System(viewer.name, Scope(everywhere=True), viewer.user_id)) as work:
        return add_facility(work, ask).code


def managed_facility(work: Work, code: str) -> Facility:
    """The facility with this code, locked. NotFound when the actor does not administer it."""
    found = work.session.exec(select(Facility).where(Facility.code == code).with_for_update()).first()
    if found is None or not reach_of(work.who, Permission.FACILITY_MANAGE).covers(found.id):
        raise NotFound(NO_FACILITY)
    return found


def edit_facility(work: Work, code: str, ask: EditFacility) -> None:
    """Change the settings of a facility."""
    facility = managed_facility(work, code)
    facility.name, facility.timezone, facility.kind = ask.name, ask.timezone, ask.kind.value
    facility.build_at, facility.totp_required = ask.build_at, ask.totp_required
    work.record(FacilityChanged(facility_id=facility.id, code=facility.code))


def edit_feed(work: Work, code: str, ask: EditFeed) -> None:
    """Change how messages arrive. Refused beside `port` when another facility listens there."""
    facility = managed_facility(work, code)
    feed = work.session.exec(select(Feed).where(Feed.facility_id == facility.id).with_for_update()).one()
    if ask.port is not None and _port_is_taken(facility.id, ask.port):
        raise Refused("Another facility listens on this port. Choose a free one.", field="port")
    feed.authority, feed.aliases, feed.port = ask.authority, ask.alias_list(), ask.port
    feed.charset, feed.processing_ids = ask.charset, ask.processing_text()
    feed.silent_after_minutes = ask.silent_after_minutes
    feed.a08_moves, feed.a08_class, feed.enhanced = ask.a08_moves, ask.a08_class, ask.enhanced
    feed.classes = read_classes(ask.classes)
    work.record(FacilityChanged(facility_id=facility.id, code=facility.code))
    work.signal("daybook_inbox")  # messages that waited for a name of this sender may now be applied


def _port_is_taken(facility_id: int, port: int) -> bool:
    with reading(System("ports", Scope(everywhere=True))) as everyone:
        query = "select exists (select 1 from feed where port = %s and facility_id <> %s)"
        return bool(everyone.value(query, [port, facility_id]))


def add_unit(work: Work, code: str, ask: DescribeUnit) -> Unit:
    """Add a unit. Refused beside `code` when the facility has it already."""
    facility = managed_facility(work, code)
    known = select(Unit).where(Unit.facility_id == facility.id, Unit.code == ask.code)
    if work.session.exec(known).first() is not None:
        raise Refused("This facility has a unit with this code already. Change it in the list.", field="code")
    return describe_unit(work, facility.id, ask)


def edit_unit(work: Work, code: str, unit: str, ask: DescribeUnit) -> None:
    """Change the description of a unit; its code stays, since the feed uses it."""
    facility = managed_facility(work, code)
    found = work.session.exec(select(Unit).where(Unit.facility_id == facility.id, Unit.code == unit)).first()
    if found is None:
        raise NotFound("There is no such unit in this facility.")
    describe_unit(work, facility.id, ask.model_copy(update={"code": found.code}))
