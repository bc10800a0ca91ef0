"""Packets on paper: every section on its own page, the contents name them, the hash follows what is said."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pypdf
import pytest

from app.web.packets import Block, Section, Table
from app.web.paper.packet import Packet, digest, packet_pdf

WHEN = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
SECTIONS = (
    Section("stay", "The stay", 10, (Block(facts=(("Class", "Inpatient"),)),)),
    Section("reviews", "Reviews", 20, (Block("Thu 5 Mar", paragraphs=("First line.", "#let x = 1 and *stars*")),)),
    Section(
        "days", "Days", 30, (Block(table=Table(("Day", "Result"), (("Wed 4 Mar", "met"), ("Thu 5 Mar", "not met")))),)
    ),
)
PACKET = Packet(
    title="Appeal packet", facility="North Harbor Hospital", subject=(("Patient", "Test, Only"), ("Payer", "Plan A")),
    sections=SECTIONS, made_by="A. Nurse, RN", made_at=WHEN, zone=ZoneInfo("America/Chicago"),
)  # fmt: skip


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]


def test_every_section_has_its_page_and_stands_in_the_contents() -> None:
    pages = pages_of(packet_pdf(PACKET).content)
    assert len(pages) == 1 + len(SECTIONS)
    for section, page in zip(SECTIONS, pages[1:], strict=True):
        assert section.title in pages[0]
        assert page.startswith(section.title)
    assert "Thu 5 Mar" in pages[2] and "#let x = 1 and *stars*" in pages[2]
    assert "not met" in pages[3]


def test_the_cover_shows_the_hash_of_the_content_and_who_made_it() -> None:
    made = packet_pdf(PACKET)
    cover = pages_of(made.content)[0].replace("\n", "")
    assert made.digest == digest(PACKET) and made.digest in cover
    assert "Made by A. Nurse, RN, Thu 5 Mar 2026 09:00" in cover.replace("  ", " ")


@pytest.mark.parametrize(
    "other",
    [
        replace(PACKET, title="Review packet"),
        replace(PACKET, subject=(("Patient", "Test, Only"),)),
        replace(PACKET, sections=SECTIONS[:2]),
        replace(PACKET, sections=(*SECTIONS[:1], replace(SECTIONS[1], blocks=()), SECTIONS[2])),
    ],
    ids=["title", "subject", "left out", "emptied"],
)
def test_another_content_has_another_hash(other: Packet) -> None:
    assert digest(other) != digest(PACKET)


def test_the_hash_does_not_depend_on_who_made_it_when() -> None:
    assert digest(replace(PACKET, made_by="B. Nurse", made_at=WHEN.replace(hour=16))) == digest(PACKET)
