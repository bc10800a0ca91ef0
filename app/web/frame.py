"""What surrounds every page: navigation, facility, keys, flash messages. Features hand in their entries at start."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel.as_of import AsOf
from app.platform.now import now
from app.security.permissions import Permission
from app.security.sessions import masked
from app.security.viewer import Viewer

STATIC = Path(__file__).parents[2] / "static"
IN_THE_BAR = 6  # entries of the navigation; of more, the last ones stand in a menu


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the main navigation, shown to those who hold the permission. `also` names the addresses of pages
    that belong to it without lying below it; `group` heads it in the menu of what finds no room in the bar. One with a
    `kind` stands in hospitals of that kind only."""

    label: str
    href: str
    permission: Permission
    also: tuple[str, ...] = ()
    group: str = ""
    kind: str = ""

    def nearness(self, path: str) -> int:
        """How closely an address belongs to this entry: letters of the address that it lies below, 0 for none."""
        return max(
            (len(top) for top in (self.href, *self.also) if path == top or path.startswith(f"{top}/")), default=0
        )


@dataclass(frozen=True, slots=True)
class KeyHelp:
    """A key and what it does: a key appears with the feature that it opens."""

    keys: str
    what: str


@dataclass(frozen=True, slots=True)
class LiveState:
    """When the feed of a facility last said something, as text."""

    facility_label: str
    last_message_at: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Undo:
    """A way back, offered with a flash message."""

    action: str
    label: str = "Undo"


@dataclass(frozen=True, slots=True)
class Flash:
    """A message said once, on the next page. It never holds patient data: it travels in a cookie."""

    text: str
    tone: str = "green"
    undo: Undo | None = None


@dataclass
class Frame:
    """What features handed in."""

    nav: list[NavItem] = field(default_factory=list)
    keys: list[KeyHelp] = field(default_factory=list)
    live: Callable[[Viewer], LiveState | None] = lambda _viewer: None


frame = Frame()


def install(nav: Sequence[NavItem], keys: Sequence[KeyHelp], live: Callable[[Viewer], LiveState | None]) -> None:
    """Hand over navigation, keys and the state of the feed (app/wiring.py)."""
    frame.nav, frame.keys, frame.live = list(nav), list(keys), live


@dataclass(frozen=True, slots=True)
class ViewerText:
    """The viewer as templates know one; `may` only hides buttons, the database and the guard decide."""

    name: str
    initials: str
    role_label: str
    may: dict[str, bool]


@dataclass(frozen=True, slots=True)
class PastText:
    """An earlier instant as a page shows it, and the way back to now."""

    text: str
    now_href: str


@dataclass(frozen=True, slots=True)
class PageFrame:
    """The object `app` of every template. With `past` the page shows what was known then and offers no deed;
    `printed_at` is the present in any case. A session ends after `idle_minutes` unused; 0 where nobody warns of it.
    """

    title: str
    viewer: ViewerText | None
    nav: list[dict[str, Any]]
    csrf: str
    live: LiveState | None
    facility: str
    facilities: list[dict[str, Any]]
    now_text: str
    now_iso: str
    flash: list[Flash]
    static: str
    key_help: list[KeyHelp]
    single_keys: bool
    path: str
    past: PastText | None = None
    printed_at: str = ""
    idle_minutes: int = 0


@lru_cache(maxsize=1)
def static_prefix() -> str:
    """The address of static files, with a fingerprint of their content, so that they may be cached for ever."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


def build(title: str, path: str, viewer: Viewer | None, csrf: str, flash: list[Flash]) -> PageFrame:
    """The frame of one page for one viewer."""
    place = viewer.place if viewer else None
    moment = now()
    local = moment.astimezone(ZoneInfo(place.timezone)) if place else moment
    now_text = local.strftime("%a %-d %b %Y %H:%M") + ("" if place else " UTC")
    return PageFrame(
        title=title,
        viewer=None if viewer is None else _viewer_text(viewer),
        nav=[] if viewer is None else navigation(_entries(viewer), path),
        csrf=masked(csrf),
        live=frame.live(viewer) if viewer else None,
        facility=place.name if place else "",
        facilities=[]
        if viewer is None
        else [
            {"code": other.code, "name": other.name, "current": place is not None and other.id == place.id}
            for other in viewer.places
        ],
        now_text=now_text,
        now_iso=local.isoformat(timespec="seconds"),
        flash=flash,
        static=static_prefix(),
        key_help=frame.keys if viewer else [],
        single_keys=viewer.single_keys if viewer else True,
        path=path,
        printed_at=now_text,
    )


def _entries(viewer: Viewer) -> list[NavItem]:
    """The entries of this person where they work now."""
    kind = viewer.place.kind if viewer.place else ""
    return [item for item in frame.nav if viewer.may(item.permission) and item.kind in ("", kind)]


def navigation(items: Sequence[NavItem], path: str) -> list[dict[str, Any]]:
    """The entries as a page shows them. Of the entries that the address may belong to, the nearest is the current one;
    what finds no room in the bar is in its menu, where the first of a group names it."""
    room = IN_THE_BAR if len(items) <= IN_THE_BAR else IN_THE_BAR - 1
    nearest = max(items, key=lambda item: item.nearness(path), default=None)
    return [
        {
            "href": item.href,
            "label": item.label,
            "current": item is nearest and item.nearness(path) > 0,
            "in_bar": place < room,
            "heading": item.group if place >= room and (place == room or items[place - 1].group != item.group) else "",
        }
        for place, item in enumerate(items)
    ]


def as_of(surround: PageFrame, past: AsOf, now_href: str) -> PageFrame:
    """The frame of the same page as of an earlier instant: its time, its banner, nothing live."""
    return replace(
        surround,
        past=PastText(past.short(now()), now_href),
        now_text=past.text,
        now_iso=past.local.isoformat(timespec="seconds"),
        live=None,
    )


def _viewer_text(viewer: Viewer) -> ViewerText:
    name = viewer.display_name + (f", {viewer.credentials}" if viewer.credentials else "")
    return ViewerText(name, viewer.initials, viewer.role_label, {held.value: True for held in viewer.permissions()})


def is_local(address: str) -> bool:
    """Whether an address that came from a browser leads to a page of ours. Browsers read a backslash as a slash, and
    pass over tabs and line ends."""
    odd = "\\" in address or any(ord(letter) < 32 for letter in address)
    return address.startswith("/") and not address.startswith("//") and not odd


def flash_to_cookie(flash: Flash) -> str:
    """A flash message as the value of a cookie."""
    undo = None if flash.undo is None else [flash.undo.action, flash.undo.label]
    return base64.urlsafe_b64encode(json.dumps([flash.text, flash.tone, undo]).encode()).decode()


def flash_from_cookie(value: str) -> list[Flash]:
    """The flash message of a cookie; one that is not ours is nothing."""
    try:
        text, tone, undo = json.loads(base64.urlsafe_b64decode(value))
        action = None if undo is None else Undo(str(undo[0]), str(undo[1]))
    except (ValueError, binascii.Error, TypeError, LookupError, RecursionError):
        return []
    if tone not in ("green", "blue", "amber", "red") or (action and not is_local(action.action)):
        return []
    return [Flash(str(text), tone, action)]
