"""Imported tables of diagnosis-related groups. A corrected table ends the one before it; nothing is rewritten."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import SQLModel

from app.platform.db import Holds, instant, key, link, number, words


class DrgTable(SQLModel, table=True):
    """One table of one fiscal year as it was taken in. At most one of a system and year holds at a time."""

    __tablename__ = "drg_table"
    __table_args__ = (
        CheckConstraint("system in ('MS-DRG', 'MS-LTC-DRG')", name="system"),
        Index("uq_drg_table_holds", "system", "fiscal_year", unique=True, postgresql_where=text("ended_at is null")),
    )
    id: uuid.UUID = key()
    system: str = words(Holds.OPERATION)
    fiscal_year: int = number(null=False)
    source: str = words(Holds.OPERATION)  # name of the file, without its folder
    digest: str = words(Holds.OPERATION)  # SHA-256 of the file
    codes: int = number(null=False, default=0)
    refused: int = number(null=False, default=0)  # rows of the file that were left out
    imported_at: datetime = instant()
    imported_by: str = words(Holds.STAFF)
    ended_at: datetime | None = instant(null=True)  # when a corrected table took its place


class DrgEntry(SQLModel, table=True):
    """One group in one table. Lengths of stay and the short-stay threshold in days, None where none was published."""

    __tablename__ = "drg_entry"
    __table_args__ = (UniqueConstraint("table_id", "code"),)
    id: uuid.UUID = key()
    table_id: uuid.UUID = link("drg_table.id", index=False)
    code: str = words(Holds.OPERATION)  # three digits
    title: str = words(Holds.OPERATION)
    mdc: str = words(Holds.OPERATION)  # major diagnostic category
    type: str = words(Holds.OPERATION)  # SURG, MED, or as published
    weight: float | None = number()
    gmlos: float | None = number()
    amlos: float | None = number()
    short_stay_threshold: float | None = number()
