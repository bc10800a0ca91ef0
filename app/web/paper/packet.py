"""A packet on paper: cover, table of contents, sections, and a hash by which somebody can tell two packets apart."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.kernel.wording import full_text
from app.web.packets import Section
from app.web.paper.pdf import pdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """What a packet says.

    Attributes:
        title: what it is, such as "Appeal packet".
        facility: who sends it.
        subject: facts for the cover: patient, stay, payer, what is asked.
        sections: in the order in which they stand.
        made_by: who made it, as people read the name.
    """

    title: str
    facility: str
    subject: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    made_by: str
    made_at: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Made:
    """A packet as a PDF (PDF/UA-1) with the SHA-256 of its content, 64 hexadecimal digits, that its cover shows."""

    content: bytes
    digest: str


def digest(packet: Packet) -> str:
    """SHA-256 of what the packet says: title, facility, subject and sections as JSON with sorted keys, in UTF-8.

    Who made it and when are left out, so that two packets that say the same have the same hash.
    """
    said = {
        "title": packet.title,
        "facility": packet.facility,
        "subject": [list(fact) for fact in packet.subject],
        "sections": [asdict(section) for section in packet.sections],
    }
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def packet_pdf(packet: Packet) -> Made:
    """The packet, set. Every section begins on a page of its own and is named in the table of contents."""
    found = digest(packet)
    at = full_text(packet.made_at, packet.zone)
    mark = f"Made by {packet.made_by}, {at} · content {found[:16]}"
    data = {
        "title": packet.title,
        "facility": packet.facility,
        "landscape": False,
        "mark": mark,
        "made": f"{packet.made_by}, {at}",
        "digest": found,
        "subject": [list(fact) for fact in packet.subject],
        "sections": [_section(one) for one in packet.sections],
    }
    return Made(pdf("web/pdf/packet.typ", data), found)


def _section(section: Section) -> dict[str, object]:
    blocks = [
        {
            "heading": block.heading,
            "facts": [list(fact) for fact in block.facts],
            "paragraphs": list(block.paragraphs),
            "heads": list(block.table.heads) if block.table else [],
            "rows": [list(row) for row in block.table.rows] if block.table else [],
        }
        for block in section.blocks
    ]
    return {"title": section.title, "blocks": blocks}
