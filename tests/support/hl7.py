"""HL7 messages for tests, written the short way: `admit("V1", "M1", "4W^401^A")`; all of it invented."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.support.world import NOW

ZONE_SHIFT = timedelta(hours=-6)  # Chicago in winter, in which the world's feeds speak


def stamp(moment: datetime) -> str:
    """An instant as the world's feeds write it, without an offset."""
    return (moment + ZONE_SHIFT).strftime("%Y%m%d%H%M%S")


@dataclass(frozen=True)
class Sender:
    """A feed that numbers its messages itself. `start` is the clock of the first message, one minute apart."""

    facility: str = "NORTH"
    application: str = "EHR"
    prefix: str = "N"
    start: datetime = NOW - timedelta(days=2)
    _count: list[int] = field(default_factory=lambda: [0])

    def message(self, event: str, visit: str, patient: str, *, place: str = "4W^401^A", **more: str) -> bytes:
        """One message. `more`: klass (PV1-2), name (PID-5), control (MSH-10), at (a stamp), tail (more segments)."""
        self._count[0] += 1
        at = more.get("at") or stamp(self.start + timedelta(minutes=self._count[0]))
        control = more.get("control", f"{self.prefix}-{self._count[0]}")
        pv1 = [""] * 20
        pv1[1], pv1[2], pv1[3], pv1[7], pv1[19] = "1", more.get("klass", "I"), place, "1001^TENDING^ANN", visit
        lines = [
            f"MSH|^~\\&|{self.application}|{self.facility}|DAYBOOK|UR|{at}||ADT^{event}|{control}|P|2.5.1",
            f"EVN|{event}|{at}||||{at}",
            f"PID|1||{patient}^^^^MR||{more.get('name', 'RIVERA^CARMEN')}||19560412|F",
            "PV1|" + "|".join(pv1[1:]),
        ]
        return ("\r".join(lines) + "\r" + more.get("tail", "")).encode()

    def admit(self, visit: str, patient: str, place: str = "4W^401^A", **more: str) -> bytes:
        """A01"""
        return self.message("A01", visit, patient, place=place, **more)

    def move(self, visit: str, patient: str, place: str, **more: str) -> bytes:
        """A02"""
        return self.message("A02", visit, patient, place=place, **more)

    def discharge(self, visit: str, patient: str, **more: str) -> bytes:
        """A03"""
        return self.message("A03", visit, patient, **more)


def code_of(acknowledgement: bytes) -> str:
    """MSA-1."""
    return acknowledgement.split(b"\rMSA|", 1)[1][:2].decode()


def answered(acknowledgement: bytes) -> str:
    """MSA-2, the control id that is answered."""
    line = acknowledgement.split(b"\rMSA|", 1)[1].split(b"\r", 1)[0]
    return line.split(b"|")[1].decode() if b"|" in line else ""
