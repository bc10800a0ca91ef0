"""The views that a person has for a list: which one its page shows, and whether it has changed since."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from app.platform.reads.together import Question
from app.platform.work import Reading
from app.worklists.view import PLAIN, View

GONE = "The saved view of this address is not there any more. Its filters and order still hold."
_VIEWS = (
    "select v.view_id::text, v.name, v.kept, v.shared, v.user_id = %(me)s, coalesce(u.display_name, ''),"
    " exists (select 1 from view_choice c where c.kind = 'hidden' and c.view_id = v.view_id and c.user_id = %(me)s"
    " and c.ended_at is null) from saved_view v left join app_user u on u.id = v.user_id"
    " where v.facility_id = %(facility)s and v.list = %(list)s and v.ended_at is null"
    " and (v.shared or v.user_id = %(me)s)"
    " order by v.user_id <> %(me)s, case when v.user_id = %(me)s then v.place end, lower(v.name), v.view_id"
)
_CHOICES = (
    "select c.kind, c.list, coalesce(c.view_id::text, ''), c.kept from view_choice c where c.user_id = %(me)s"
    " and c.facility_id = %(facility)s and c.ended_at is null and (c.kind = 'first' or c.kind = 'default'"
    " and c.list = %(list)s)"
)


class KeptView(msgspec.Struct):
    """One view, its person's own or shared by a lead."""

    id: str
    name: str
    kept: str
    shared: bool
    own: bool
    author: str
    hidden: bool


class Chosen(msgspec.Struct):
    """How a list opens, or with which list work begins."""

    kind: str
    list: str
    view_id: str
    kept: str


@dataclass(frozen=True)
class Shelf:
    """What one person has for one list."""

    views: Sequence[KeptView] = ()
    choices: Sequence[Chosen] = ()

    def find(self, view_id: str) -> KeptView | None:
        """The view of this number, if the person sees it."""
        return next((one for one in self.views if one.id == view_id), None)

    def default(self, name: str) -> View | None:
        """How the list opens for this person; None is as it comes. A default whose view is gone is none any more."""
        chosen = next((one for one in self.choices if one.kind == "default" and one.list == name), None)
        if chosen is None:
            return None
        view = self.find(chosen.view_id) if chosen.view_id else None
        if chosen.view_id and view is None:
            return None
        return opened(name, view.kept if view else chosen.kept, view.id if view else "")

    def first(self) -> str:
        """The list with which this person's work begins, or empty."""
        return next((one.list for one in self.choices if one.kind == "first"), "")


def opened(name: str, kept: str, view_id: str) -> View:
    """A kept query as an address opens it. Filters that no longer exist stay in it: the page says so and goes on."""
    filters: dict[str, tuple[str, ...]] = {}
    for part, value in parse_qsl(kept):
        if part != "sort":
            filters[part] = (*filters.get(part, ()), value)
    return _Kept(name, filters, saved=view_id, words=kept)


@dataclass(frozen=True, slots=True)
class _Kept(View):
    """A view that gives back the words that were kept, whatever lists understand of them today."""

    words: str = ""

    def kept(self) -> str:
        return self.words

    def query(self, *, open_row: bool = True) -> str:
        rest = View(self.list, {}, (), self.open, self.saved, self.as_of).query(open_row=open_row)
        return "&".join(part for part in (self.words, rest) if part)


def shelf_questions(reader: uuid.UUID | None, facility_id: int, name: str) -> list[Question]:
    """The two SELECTs of a shelf, to be asked together with those of the list."""
    values = {"me": reader, "facility": facility_id, "list": name}
    return [Question(KeptView, _VIEWS, values), Question(Chosen, _CHOICES, values)]


def shelf_of(db: Reading, facility_id: int, name: str) -> Shelf:
    """A shelf by itself, for pages that show no list."""
    views, choices = shelf_questions(db.who.actor_id, facility_id, name)
    return Shelf(db.rows(KeptView, views.query, views.parameters), db.rows(Chosen, choices.query, choices.parameters))


def shelf_context(shelf: Shelf, view: View, said: list[str]) -> dict[str, Any]:
    """What the menu of views and the line beside it show. A view that is gone is added to what is `said`."""
    present = shelf.find(view.saved) if view.saved and view.saved != PLAIN else None
    if view.saved and view.saved != PLAIN and present is None:
        said.append(GONE)
    changed = present is not None and not same(present.kept, view.kept())
    default = shelf.default(view.list)
    entries = [_entry(one, view, default) for one in shelf.views if not one.hidden]
    return {
        "view_name": present.name if present else "",
        "view_changed": changed,
        "view_own": bool(present and present.own),
        "view_id": present.id if present else "",
        "view_again": replace(opened(view.list, present.kept, present.id), as_of=view.as_of).address()
        if present and changed
        else "",
        "own_views": [one for one, kept in zip(entries, _shown(shelf.views), strict=True) if kept.own],
        "shared_views": [one for one, kept in zip(entries, _shown(shelf.views), strict=True) if not kept.own],
        "plain_href": replace(View(view.list, saved=PLAIN), as_of=view.as_of).address(),
        "kept": view.kept(),
        "is_default": default is not None and same(default.kept(), view.kept()) and default.saved in ("", view.saved),
        "has_default": default is not None,
        "is_first": shelf.first() == view.list,
        "saved_part": view.saved,
    }


def same(one: str, other: str) -> bool:
    """Whether two queries narrow and order a list alike, in whichever order their values stand."""
    return sorted(parse_qsl(one)) == sorted(parse_qsl(other))


def _shown(views: Iterable[KeptView]) -> list[KeptView]:
    return [one for one in views if not one.hidden]


def _entry(one: KeptView, view: View, default: View | None) -> dict[str, Any]:
    return {
        "name": one.name,
        "href": replace(opened(view.list, one.kept, one.id), as_of=view.as_of).address(),
        "current": one.id == view.saved,
        "default": default is not None and default.saved == one.id,
        "author": one.author,
        "shared": one.shared,
    }
