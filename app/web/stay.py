"""The frame of every page about one stay: banner, tabs, the part in view. It knows no feature.

Census lends the head of a stay; any feature lends tabs and facts of the banner (app/wiring.py). A feature draws a part
of the stay with `stay_page`: its piece stands in the frame when the page is opened by its address, alone when htmx asks
for the piece, and in a fresh frame when a tab of the stay is pressed.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from litestar import Request
from litestar.response import Response

from app.kernel.as_of import PARAMETER
from app.kernel.refusal import NotFound
from app.platform.work import Reading
from app.security.permissions import Permission
from app.security.viewer import Viewer
from app.web.past.choosing import picker
from app.web.past.reading import past_shown, reading_then, with_as_of, zone_of
from app.web.render import page, see_other, the_viewer, wants_piece

FRAME = "main#main"  # what htmx calls the element that a tab of the stay replaces


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of a stay under an address of its own: `/encounters/<id>` and `path`.

    One that `looks_back` is drawn from what `reading_then` (app/web/past) reads, and stands on the stay as of an
    earlier instant too; the others are about the present only. Neighbours of one `group` stand together. One that
    `stands` only for some stays is not shown for the others.
    """

    key: str
    label: str
    path: str
    permission: Permission = Permission.STAY_SEE
    count: Callable[[Reading, uuid.UUID], str] | None = None
    looks_back: bool = False
    group: str = ""
    stands: Callable[[Reading, uuid.UUID], bool] | None = None


@dataclass(frozen=True, slots=True)
class BannerFact:
    """A fact of the banner. `warning` follows the value, in amber, or in red with the tone `late`.

    With `ticking` (machine time) the warning is a clock that runs on: hours since then.
    """

    label: str
    value: str
    warning: str = ""
    tone: str = "soon"
    ticking: str = ""
    full: str = ""


@dataclass(frozen=True, slots=True)
class ChipText:
    """A fact that explains, beside the name."""

    text: str
    tone: str = "gray"
    icon: str = "doc"


@dataclass(frozen=True, slots=True)
class StayHead:
    """Who and what the stay is, as the banner shows it."""

    id: uuid.UUID
    facility_id: int
    patient_id: uuid.UUID
    name: str
    identity: str
    chips: Sequence[ChipText] = ()
    facts: Sequence[BannerFact] = ()
    notice: str = ""  # while the glass is broken
    open_until: str = ""  # the instant when that ends
    closes_at: str = ""  # the address that ends it at once


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown in the frame: the tab that is current, the piece, what the piece needs."""

    tab: str
    piece: str
    context: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class BriefSection:
    """A titled part of the hand-off brief, lent by a feature. `lines` gives text ready to show for several stays at
    once; a stay without lines has no such part."""

    title: str
    lines: Callable[[Reading, Sequence[uuid.UUID]], Mapping[uuid.UUID, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class OverviewCard:
    """A card that a feature adds to the overview: its piece finds under `lent.shown` what `context` gives."""

    piece: str
    context: Callable[[Reading, Viewer, uuid.UUID], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class StayKey:
    """A deed that one key opens on every part of a stay: `/encounters/<id>` and `path`."""

    key: str
    label: str
    path: str
    permission: Permission


Facts = Callable[[Reading, uuid.UUID], Sequence[BannerFact]]
Head = Callable[[Reading, Viewer, uuid.UUID], StayHead]


@dataclass
class Loans:
    """What features lent."""

    head: Head | None = None
    tabs: Sequence[Tab] = ()
    facts: Sequence[Facts] = ()
    cards: Sequence[OverviewCard] = ()
    keys: Sequence[StayKey] = ()


_loans = Loans()


def install(head: Head, tabs: Sequence[Tab], facts: Sequence[Facts], cards: Sequence[OverviewCard] = ()) -> None:
    """Hand over the head of a stay, its tabs, and what features add to its banner and its overview."""
    _loans.head, _loans.tabs, _loans.facts, _loans.cards = head, tuple(tabs), tuple(facts), tuple(cards)


def install_keys(keys: Sequence[StayKey]) -> None:
    """Hand over the deeds that features open by one key on every part of a stay."""
    _loans.keys = tuple(keys)


def overview_cards(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> list[dict[str, Any]]:
    """The cards that features add to the overview of a stay, filled."""
    return [{"piece": card.piece, "shown": card.context(db, viewer, encounter_id)} for card in _loans.cards]


def stay_head(db: Reading, viewer: Viewer, encounter_id: uuid.UUID) -> StayHead:
    """The head of a stay with every lent fact; raises NotFound for a stay outside the viewer's scope."""
    assert _loans.head is not None, "app/wiring.py lends the head of a stay at start"
    head = _loans.head(db, viewer, encounter_id)
    lent = [fact for lender in _loans.facts for fact in lender(db, encounter_id)]
    # What a feature knows better than the feed stands where the feed's word would stand.
    better = {fact.label: fact for fact in lent if fact.label in {one.label for one in head.facts}}
    facts = [better.get(fact.label, fact) for fact in head.facts]
    facts += [fact for fact in lent if fact.label not in better]
    return StayHead(head.id, head.facility_id, head.patient_id, head.name, head.identity, head.chips, facts,
                    head.notice, head.open_until, head.closes_at)  # fmt: skip


def tabs_of(db: Reading, viewer: Viewer, encounter_id: uuid.UUID, current: str, past: str = "") -> list[dict[str, Any]]:
    """The tabs that this viewer may open; at an earlier instant (`past`, as addresses say it) those that look back."""
    shown = [
        tab for tab in _loans.tabs
        if viewer.may(tab.permission) and (tab.looks_back or not past)
        and (tab.stands is None or tab.stands(db, encounter_id))
    ]  # fmt: skip
    return [
        {"key": tab.key, "label": tab.label, "href": with_as_of(f"/encounters/{encounter_id}{tab.path}", past),
         "current": tab.key == current, "begins": before is not None and before.group != tab.group,
         "count": tab.count(db, encounter_id) if tab.count else ""}
        for before, tab in zip([None, *shown], shown, strict=False)
    ]  # fmt: skip


def _of_the_present(tab: str) -> bool:
    """Whether a part of a stay knows only what is known now."""
    return not any(one.looks_back for one in _loans.tabs if one.key == tab)


def stay_page(request: Request[Any, Any, Any], encounter_id: uuid.UUID, part: Part) -> Response[bytes]:
    """A part of a stay in its frame, disclosing the patient; NotFound for a stay outside the viewer's scope."""
    context = framing(request, encounter_id, part.tab)
    framed = request.headers.get("hx-target", FRAME) == FRAME
    head = context["stay"]
    return page(
        request, "stay.html", fragment="stay_frame.html" if framed else part.piece, discloses=[head.patient_id],
        title=head.name, status=part.status, piece=part.piece, **context, **part.context,
    )  # fmt: skip


def banner_piece(request: Request[Any, Any, Any], encounter_id: uuid.UUID, tab: str) -> Response[bytes]:
    """The banner alone, for a page that brings it up to date by itself; whoever asks for it as a page is led there."""
    context = framing(request, encounter_id, tab)
    if not wants_piece(request):
        return see_other(request, next((one["href"] for one in context["tabs"] if one["current"]),
                                       f"/encounters/{encounter_id}"))  # fmt: skip
    head = context["stay"]
    return page(request, "stay.html", fragment="stay_banner.html", discloses=[head.patient_id], title=head.name,
                piece="stay_banner.html", **context)  # fmt: skip


def framing(request: Request[Any, Any, Any], encounter_id: uuid.UUID, tab: str) -> dict[str, Any]:
    """Banner, tabs and ways to earlier instants, as of the instant of the address."""
    viewer = the_viewer(request)
    if PARAMETER in request.query_params and _of_the_present(tab):
        raise NotFound("This part of a stay is not kept for earlier times. Go back to now to see it.")
    with reading_then(request, encounter_id) as db:
        past = past_shown(request)
        head = stay_head(db, viewer, encounter_id)
        tabs = tabs_of(db, viewer, encounter_id, tab, past.address if past else "")
    where = next((one["href"] for one in tabs if one["current"]), f"/encounters/{encounter_id}")
    keys = [] if past else [
        {"key": one.key, "label": one.label, "href": f"/encounters/{encounter_id}{one.path}"}
        for one in _loans.keys if viewer.may(one.permission)
    ]  # fmt: skip
    return {
        "stay": head,
        "tabs": tabs,
        "keys": keys,
        "looking": picker(where, past, past.zone if past else zone_of(viewer)),
    }
