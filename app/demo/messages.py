"""Writing the simulated senders' HL7 v2 messages.

The acute hospital speaks version 2.5.1 in UTF-8 with times to the second. The long-term care hospital runs an older
system: version 2.3 in ISO 8859-1 with times to the minute and no EVN-6, which that version does not have.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from app.demo.hospital import LTCH, SYSTEM_AUTHORITY, Bed, Physician
from app.demo.stays import Stay, StayState

# Trigger events whose structure has another name than the event (HL7 2.5.1, table 0354).
_STRUCTURES = {
    "A04": "A01", "A08": "A01", "A13": "A01", "A06": "A06", "A07": "A06", "A11": "A09", "A10": "A09", "A22": "A21",
    "A23": "A21", "A25": "A21", "A26": "A21", "A28": "A05", "A31": "A05", "A14": "A05", "A40": "A39", "A55": "A52",
}  # fmt: skip

_WITH_CLINICAL = frozenset({"A01", "A03", "A04", "A05", "A06", "A07", "A08"})
# Reports about a person: they name no visit.
WITHOUT_VISIT = frozenset({"A28", "A31", "A40"})
_ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\"})
_ACTUAL_CLASS = {"IP": "I", "OBS": "O", "ED": "E", "PRE": "P"}


class Outgoing(msgspec.Struct, kw_only=True):
    """One message before it is written: when it is sent, what it reports, and the sender's record at that moment.

    `recorded` is EVN-2, `occurred` EVN-6 (None = not said), `retired` the record number that an A40 merges away,
    `partner` the second stay of a bed swap with its state, `planned` EVN-3.
    """

    at: datetime
    recorded: datetime
    facility: str
    control: str
    trigger: str
    stay: Stay
    state: StayState
    occurred: datetime | None = None
    planned: datetime | None = None
    retired: str = ""
    partner: tuple[Stay, StayState] | None = None
    written: datetime | None = None


class Writer:
    """Writes messages in the facilities' local time."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def write(self, message: Outgoing) -> bytes:
        """The message in its sender's character set, segments ended by carriage returns."""
        old = message.facility == LTCH
        segments = [self._header(message, old), self._event(message, old)]
        segments.append(self._person(message.stay, message.state, message.trigger not in WITHOUT_VISIT))
        if message.trigger == "A40":
            segments.append(f"MRG|{message.retired}^^^{message.facility}^MR")
        elif message.trigger not in WITHOUT_VISIT:
            segments += self._visit(message.stay, message.state, old)
            if message.trigger in _WITH_CLINICAL:
                segments += self._clinical(message.state, old)
        if message.partner is not None:
            stay, state = message.partner
            segments += [self._person(stay, state, True), *self._visit(stay, state, old)]
        return ("\r".join(segments) + "\r").encode("iso-8859-1" if old else "utf-8")

    def stamp(self, instant: datetime | None, old: bool) -> str:
        """A local time stamp; in the hour that a clock change repeats it carries its offset, to stay unambiguous."""
        if instant is None:
            return ""
        local = instant.astimezone(self.zone)
        text = local.strftime("%Y%m%d%H%M" if old else "%Y%m%d%H%M%S")
        if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
            text += local.strftime("%z")
        return text

    def _header(self, message: Outgoing, old: bool) -> str:
        trigger = message.trigger
        kind = f"ADT^{trigger}" if old else f"ADT^{trigger}^ADT_{_STRUCTURES.get(trigger, trigger)}"
        written = self.stamp(message.written or message.recorded, old)
        sender = "LTCADT" if old else "HPADT"
        version, charset = ("2.3", "8859/1") if old else ("2.5.1", "UNICODE UTF-8")
        facility = message.facility
        route = f"{sender}|{facility}|DAYBOOK|{facility}"
        return f"MSH|^~\\&|{route}|{written}||{kind}|{message.control}|P|{version}||||||{charset}"

    def _event(self, message: Outgoing, old: bool) -> str:
        recorded, planned = self.stamp(message.recorded, old), self.stamp(message.planned, old)
        occurred = "" if old else self.stamp(message.occurred, old)
        return f"EVN|{message.trigger}|{recorded}|{planned}|||{occurred}".rstrip("|")

    def _person(self, stay: Stay, state: StayState, with_account: bool) -> str:
        person = state.person
        numbers = f"{state.number}^^^{stay.facility}^MR"
        if person.born is not None:
            numbers += f"~{stay.patient.enterprise}^^^{SYSTEM_AUTHORITY}^PI"
        name = f"{escape(person.family)}^{escape(person.given)}^{person.middle}^^^^L"
        born = person.born.strftime("%Y%m%d") if person.born else ""
        address = f"{person.street}^^{person.town}^IL^{person.zip_code}^USA^H" if person.street else ""
        died = f"{self.stamp(state.discharged, stay.facility == LTCH)}|Y" if state.died else ""
        account = f"A{stay.visit}^^^{stay.facility}^AN" if with_account else ""
        phone = f"{person.phone}^PRN^PH" if person.phone else ""
        head = f"PID|1||{numbers}||{name}||{born}|{person.sex}|||{address}||{phone}||{person.language}|||{account}"
        return f"{head}|||||||||||{died}".rstrip("|")

    def _visit(self, stay: Stay, state: StayState, old: bool) -> list[str]:
        fields = [""] * 51
        fields[1] = "1"
        fields[2] = _ACTUAL_CLASS[state.patient_class]
        fields[3] = state.bed.point_of_care if state.bed else ""
        fields[4] = state.admission_type
        fields[6] = state.prior_bed.point_of_care if state.prior_bed else ""
        fields[7] = physician(state.attending)
        fields[10] = state.service
        fields[14] = state.source
        fields[16] = "VIP" if stay.vip else ""
        fields[18] = "OBS" if state.patient_class == "OBS" else ""
        fields[19] = f"{stay.visit}^^^{stay.facility}^VN"
        fields[36] = state.disposition
        fields[42] = state.pending_bed.point_of_care if state.pending_bed else ""
        fields[44] = self.stamp(state.admitted, old) if state.patient_class != "PRE" else ""
        fields[45] = self.stamp(state.discharged, old)
        more = [""] * 48
        more[3] = escape(state.reason)
        more[8] = self.stamp(state.admitted, old) if state.patient_class == "PRE" else ""
        more[9] = self.stamp(state.expected_discharge, old)
        more[22] = "Y" if stay.vip and not old else ""
        more[47] = self.stamp(state.leave_until, old) if not old else ""
        return ["PV1" + "|".join(fields).rstrip("|"), "PV2" + "|".join(more).rstrip("|")]

    def _clinical(self, state: StayState, old: bool) -> list[str]:
        found = [
            f"DG1|{place}||{code}^{escape(text)}^I10|{escape(text)}||{kind}"
            for place, (code, text, kind) in enumerate(state.diagnoses, 1)
        ]
        if state.drg:
            found.append(f"DRG|{state.drg}^^{'MS-LTC-DRG' if old else 'MS-DRG'}")
        for place, cover in enumerate(state.coverages, 1):
            payer = cover.payer
            fields = [""] * 50
            fields[1:5] = [str(place), f"{payer.plan}^{payer.name}", payer.company, payer.company_name]
            fields[8] = cover.group
            fields[12] = cover.since.strftime("%Y%m%d")
            fields[16] = f"{escape(state.person.family)}^{escape(state.person.given)}"
            fields[17] = "SEL"
            fields[36] = cover.member
            found.append("IN1" + "|".join(fields).rstrip("|"))
        return found


def physician(person: Physician) -> str:
    """An attending physician as XCN with the national provider identifier."""
    return f"{person.npi}^{person.family}^{person.given}^^^^MD^^NPI^L^^^NPI"


def escape(text: str) -> str:
    """Text with the encoding characters replaced by their escape sequences."""
    return text.translate(_ESCAPES)


def planned_location(facility: str, unit: str) -> Bed:
    """The place of a pre-admission: the unit is known, the bed is not."""
    return Bed(facility, unit, "", "")


def later(instant: datetime, minutes: float) -> datetime:
    """That many minutes later, whole seconds."""
    return instant + timedelta(seconds=round(minutes * 60))
