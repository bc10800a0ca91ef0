"""How files are exchanged with each payer: a form, a command, and how the payer wants interchanges addressed."""

import re
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, Field, field_validator, model_validator
from sqlmodel import select

from app.interop.payer_files.events import ExchangeSet
from app.interop.payer_files.models import PayerExchange
from app.interop.payer_files.terms import Format
from app.interop.x12.terms import Envelope, Guide
from app.kernel.identifiers import Malformed, Npi
from app.kernel.refusal import Refused
from app.platform.work import Reading, Work, everywhere, reading

_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_RELEASE = re.compile(r"[0-9]{6}X[0-9A-Z]{3,6}")
LINE_ENDS = {"none": "", "lf": "\n", "crlf": "\r\n"}
NOT_SET = "Nobody has set how files are exchanged with this payer. Set it under Payer files, Settings."

Text = Annotated[str, Field(max_length=60)]
Ident = Annotated[str, Field(max_length=15)]
Qualifier = Annotated[str, Field(max_length=2)]
Code = Annotated[str, Field(max_length=2)]
Release = Annotated[str, Field(max_length=12)]


class Exchange(msgspec.Struct, frozen=True):
    """The settings of one payer at one facility."""

    facility_id: int
    payer_code: str
    format: str
    outbox: str
    inbox: str
    payer_name: str
    payer_qualifier: str
    payer_number: str
    requester_name: str
    requester_npi: str
    contact: str
    phone: str
    fax: str
    trace_origin: str
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    group_sender: str
    group_receiver: str
    usage: str
    line_end: str
    review_release: str
    notification_release: str
    inquiry_release: str
    notification_purpose: str
    inquiry_purpose: str

    @property
    def envelope(self) -> Envelope:
        """How this payer wants interchanges addressed."""
        releases = {Guide.REVIEW: self.review_release, Guide.NOTIFICATION: self.notification_release,
                    Guide.INQUIRY: self.inquiry_release}  # fmt: skip
        return Envelope(
            sender=self.sender, receiver=self.receiver, sender_qualifier=self.sender_qualifier,
            receiver_qualifier=self.receiver_qualifier, group_sender=self.group_sender,
            group_receiver=self.group_receiver, usage=self.usage, line_end=LINE_ENDS[self.line_end],
            releases={guide.value: release for guide, release in releases.items() if release},
            notification_purpose=self.notification_purpose, inquiry_purpose=self.inquiry_purpose,
        )  # fmt: skip


COLUMNS = Exchange.__struct_fields__
_SELECT = f"select {', '.join(COLUMNS)} from payer_exchange"


def exchanges(db: Reading) -> list[Exchange]:
    """The settings within reach, by facility and payer."""
    return db.rows(Exchange, f"{_SELECT} order by facility_id, payer_code")


def exchange_of(db: Reading, facility_id: int, payer_code: str) -> Exchange:
    """The settings of a payer; Refused where nobody made any."""
    found = db.rows(Exchange, f"{_SELECT} where facility_id = %s and payer_code = %s", (facility_id, payer_code))
    if not found:
        raise Refused(NOT_SET)
    return found[0]


class SetExchange(BaseModel):
    """The settings as a form. Folders are names below the folder of payer files."""

    payer_code: Annotated[str, Field(min_length=1, max_length=60)]
    format: Format = Format.X12
    outbox: Text = ""
    inbox: Text = ""
    payer_name: Annotated[str, Field(min_length=1, max_length=60)]
    payer_qualifier: Literal["PI", "46", "XV", "XX"] = "PI"
    payer_number: Annotated[str, Field(min_length=2, max_length=80)]
    requester_name: Annotated[str, Field(min_length=1, max_length=60)]
    requester_npi: Annotated[str, Field(min_length=10, max_length=10)]
    contact: Text = ""
    phone: Text = ""
    fax: Text = ""
    trace_origin: Annotated[str, Field(min_length=10, max_length=10)]
    sender_qualifier: Qualifier = "ZZ"
    sender: Annotated[str, Field(min_length=2, max_length=15)]
    receiver_qualifier: Qualifier = "ZZ"
    receiver: Annotated[str, Field(min_length=2, max_length=15)]
    group_sender: Ident = ""
    group_receiver: Ident = ""
    usage: Literal["T", "P"] = "T"
    line_end: Literal["none", "lf", "crlf"] = "none"
    review_release: Release = ""
    notification_release: Release = ""
    inquiry_release: Release = ""
    notification_purpose: Code = "CN"
    inquiry_purpose: Code = "28"

    @field_validator("outbox", "inbox")
    @classmethod
    def _one_folder(cls, value: str) -> str:
        if value and not _FOLDER.fullmatch(value):
            raise ValueError("Write the name of one folder: letters, digits, point, hyphen and underscore.")
        return value

    @field_validator("review_release", "notification_release", "inquiry_release")
    @classmethod
    def _a_release(cls, value: str) -> str:
        if value and not _RELEASE.fullmatch(value):
            raise ValueError("Write a guide such as 005010X217, or nothing for the usual one.")
        return value

    @field_validator("requester_npi")
    @classmethod
    def _an_npi(cls, value: str) -> str:
        try:
            return str(Npi(value))
        except Malformed as error:
            raise ValueError(error.sentence) from None

    @field_validator("*")
    @classmethod
    def _plain_signs(cls, value: object) -> object:
        if isinstance(value, str) and not all(" " <= sign <= "~" for sign in value):
            raise ValueError("Write letters, digits and signs without accents: X12 carries no others.")
        return value

    @model_validator(mode="after")
    def _two_folders(self) -> "SetExchange":
        if self.outbox and self.outbox == self.inbox:
            raise ValueError("Files out and files in need two folders.")
        return self


def set_exchange(work: Work, facility_id: int, ask: SetExchange) -> None:
    """Make or change the settings of a payer. Refused where a folder would serve two purposes."""
    _check_folders(facility_id, ask)
    query = select(PayerExchange).where(
        PayerExchange.facility_id == facility_id, PayerExchange.payer_code == ask.payer_code
    )
    row = work.session.exec(query.with_for_update()).first()
    row = row or PayerExchange(facility_id=facility_id, payer_code=ask.payer_code)
    for name, value in ask.model_dump(mode="json", exclude={"payer_code"}).items():
        setattr(row, name, value)
    work.add(row)
    work.record(ExchangeSet(facility_id=facility_id, payer_code=ask.payer_code, usage=ask.usage))


def _check_folders(facility_id: int, ask: SetExchange) -> None:
    """Folders are the installation's: those of facilities out of the actor's reach count too."""
    with reading(everywhere("payer files")) as db:
        others = [one for one in exchanges(db) if (one.facility_id, one.payer_code) != (facility_id, ask.payer_code)]
    if ask.inbox and any(ask.inbox in (one.inbox, one.outbox) for one in others):
        raise Refused("This folder is used for another payer. Files in it would belong to both.", field="inbox")
    if ask.outbox and any(ask.outbox == one.inbox for one in others):
        raise Refused("This folder is the inbox of another payer. Choose another one.", field="outbox")
