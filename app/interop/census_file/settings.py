"""How a facility's census files are read, and what they are for: edited by administrators beside the feed."""

import hashlib
from collections.abc import Collection
from enum import StrEnum

import msgspec
from pydantic import BaseModel, Field, field_validator
from sqlmodel import select

from app.accounts.facilities import managed_facility
from app.interop.census_file.events import CensusFileSettingsChanged
from app.interop.census_file.models import CensusFileSetting
from app.interop.census_file.reading.columns import BY_NAME
from app.interop.census_file.reading.rows import Habits
from app.interop.queries import feeds
from app.platform.work import Reading, Work


class Use(StrEnum):
    """What the census files of a facility are for."""

    AUTOMATIC = "automatic"  # a source where no HL7 message ever came, else a check
    SOURCE = "source"  # rows are facts of the census, below those of HL7 and FHIR
    CHECK = "check"  # files are only compared with the census


class Settings(msgspec.Struct, frozen=True):
    """The settings of one facility."""

    use: str = "automatic"
    absent_after: int = 3
    headers: dict[str, str] = {}
    mrn_width: int = 0
    visit_width: int = 0


def settings_of(view: Reading, facility_id: int) -> Settings:
    """The settings of a facility; the usual ones where nobody set any."""
    found = view.rows(
        Settings,
        "select use, absent_after, headers, mrn_width, visit_width from census_file_setting where facility_id = %s",
        (facility_id,),
    )
    return found[0] if found else Settings()


def applies(view: Reading, facility_id: int, settings: Settings) -> bool:
    """Whether rows become facts of the census. A feed of messages knows better than files, unless somebody decides."""
    if settings.use == Use.AUTOMATIC:
        return not view.value(
            "select exists (select from inbound_message where facility_id = %s and refusal = ''"
            " and source in ('mllp', 'file', 'demo', 'replay'))",
            (facility_id,),
        )
    return settings.use == Use.SOURCE


def habits_of(view: Reading, facility_id: int, numbers: Collection[str] = ()) -> Habits:
    """How this facility's files are to be read. Those of `numbers` that are known with leading zeros are named."""
    feed = feeds(view).by_facility(facility_id)
    assert feed is not None, "every facility has a feed"
    own = settings_of(view, facility_id)
    return Habits(
        authority=feed.policy.default_authority, timezone=feed.policy.timezone, class_map=feed.policy.class_map,
        mapping=own.headers, mrn_width=own.mrn_width, visit_width=own.visit_width,
        padded=_padded(view, feed.policy.default_authority, numbers),
    )  # fmt: skip


def _padded(view: Reading, authority: str, numbers: Collection[str]) -> frozenset[str]:
    """Numbers that nobody bears as they stand, and somebody bears with zeros before them."""
    found: set[str] = set()
    longer = {("0" * zeros + number): number for number in numbers for zeros in range(1, 9)}
    for table, column in (("patient", "number"), ("encounter", "visit_number")):
        query = f"select distinct {column} from {table} where authority = %s and {column} = any(%s)"
        known = set(view.values(query, (authority, [*longer, *numbers])))
        found |= {longer[number] for number in known if number in longer and longer[number] not in known}
    return frozenset(found)


def digest_of(habits: Habits) -> bytes:
    """A mark of the way of reading: a file is worth reading again when it has changed."""
    told = (sorted(habits.mapping.items()), habits.mrn_width, habits.visit_width, sorted(habits.class_map.items()),
            habits.authority, habits.timezone, sorted(habits.padded))  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(told)).digest()


class EditCensusFile(BaseModel):
    """The settings as a form."""

    use: Use = Use.AUTOMATIC
    absent_after: int = Field(default=3, ge=1, le=99)
    mrn_width: int = Field(default=0, ge=0, le=40)
    visit_width: int = Field(default=0, ge=0, le=40)
    headers: str = Field(default="", max_length=4000)

    @field_validator("headers")
    @classmethod
    def _readable(cls, value: str) -> str:
        read_headers(value)
        return value


def read_headers(text: str) -> dict[str, str]:
    """The mapping that a site wrote, one `header = column` a line. ValueError names the line that is not understood."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        header, _, column = (part.strip() for part in line.rpartition("="))
        if not header or (column not in BY_NAME and column != "-"):
            raise ValueError(f"Line {number}: write a header, then = and the name of a column, or - to leave it out.")
        found[header] = column
    return found


def write_headers(headers: dict[str, str]) -> str:
    """The mapping as a person edits it."""
    return "\n".join(f"{header} = {column}" for header, column in headers.items())


def edit_settings(work: Work, code: str, ask: EditCensusFile) -> None:
    """Change the settings. NotFound when the actor does not administer the facility."""
    facility = managed_facility(work, code)
    query = select(CensusFileSetting).where(CensusFileSetting.facility_id == facility.id).with_for_update()
    row = work.session.exec(query).first() or CensusFileSetting(facility_id=facility.id)
    row.use, row.absent_after, row.headers = ask.use.value, ask.absent_after, read_headers(ask.headers)
    row.mrn_width, row.visit_width = ask.mrn_width, ask.visit_width
    work.add(row)
    work.record(CensusFileSettingsChanged(facility_id=facility.id, use=row.use, absent_after=row.absent_after))
