"""Views that people keep, and what they chose among them. Rows are never rewritten: a change ends one."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import SQLModel

from app.platform.db import Holds, enum_check, facility_link, instant, key, link, number, words


class Choice(StrEnum):
    """What a person can choose about a list or a view."""

    DEFAULT = "default"  # the list is opened like this
    FIRST = "first"  # work begins with this list
    HIDDEN = "hidden"  # a shared view that this person does not want in the menu


class SavedView(SQLModel, table=True):
    """One version of a view: filters and order of a list under a name. `view_id` is the same for all its versions.

    `kept` is the query of the address; its values are codes of units, payers, services and people who work here.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint("name <> ''", name="name"),
        Index("uq_saved_view_open", "view_id", unique=True, postgresql_where=text("ended_at is null")),
        Index(
            "uq_saved_view_name", "facility_id", "user_id", "list", text("lower(name)"), unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )  # fmt: skip
    id: uuid.UUID = key()
    view_id: uuid.UUID = number(null=False)
    facility_id: int = facility_link(index=False)
    user_id: uuid.UUID = link("app_user.id", kind=Holds.STAFF)
    list: str = words(Holds.OPERATION)
    name: str = words(Holds.OPERATION)
    kept: str = words(Holds.OPERATION)
    place: int = number(null=False, default=0)
    shared: bool = number(null=False, default=False)
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)


class ViewChoice(SQLModel, table=True):
    """What a person chose: how a list opens, with which one work begins, which shared views stay out of the menu.

    A default is either a saved view, which it follows when that changes, or a query of its own.
    """

    __tablename__ = "view_choice"
    __table_args__ = (
        enum_check("kind", Choice),
        CheckConstraint("kind <> 'hidden' or view_id is not null", name="hidden"),
        Index(
            "uq_view_choice_open", "user_id", "facility_id", "kind", "list", unique=True,
            postgresql_where=text("ended_at is null and kind <> 'hidden'"),
        ),
        Index(
            "uq_view_choice_hidden", "user_id", "view_id", unique=True,
            postgresql_where=text("ended_at is null and kind = 'hidden'"),
        ),
    )  # fmt: skip
    id: uuid.UUID = key()
    facility_id: int = facility_link(index=False)
    user_id: uuid.UUID = link("app_user.id", index=False, kind=Holds.STAFF)
    kind: str = words(Holds.OPERATION)
    list: str = words(Holds.OPERATION)
    view_id: uuid.UUID | None = number()
    kept: str = words(Holds.OPERATION)
    made_at: datetime = instant()
    ended_at: datetime | None = instant(null=True)
