"""Keep, change, share and choose views of lists. Nothing is rewritten: each change ends a row and makes another."""

import uuid
from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel, StringConstraints
from sqlmodel import select

from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work
from app.worklists.views.events import ViewChosen, ViewEnded, ViewSaved
from app.worklists.views.models import Choice, SavedView, ViewChoice

NOT_THERE = "There is no such view any more, or it is not yours."
MOST_VIEWS = 40
MOST_QUERY = 4000
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]


class SaveView(BaseModel):
    """A name for what the list shows now. `kept` is the query of the address."""

    name: Name
    kept: Annotated[str, StringConstraints(max_length=MOST_QUERY)] = ""


class RenameView(BaseModel):
    """Another name for a view."""

    name: Name


def save_view(work: Work, facility_id: int, list_name: str, ask: SaveView) -> SavedView:
    """Keep a view of a list under a name that the person does not use there yet, after those kept before."""
    me = _me(work)
    there = _own(work, facility_id, list_name)
    if len(there) >= MOST_VIEWS:
        raise Refused(f"You keep {MOST_VIEWS} views of this list. Delete one you do not use.", field="name")
    _new_name(there, ask.name)
    place = max((one.place for one in there), default=0) + 1
    made = SavedView(
        view_id=uuid.uuid4(), facility_id=facility_id, user_id=me, list=list_name, name=ask.name, kept=ask.kept,
        place=place, shared=False, made_at=work.now,
    )  # fmt: skip
    return _saved(work, made, "saved")


def rename_view(work: Work, view_id: uuid.UUID, ask: RenameView) -> SavedView:
    """Give a view another name. Returns the version before, for the way back."""
    old = _lock(work, view_id)
    others = [one for one in _own(work, old.facility_id, old.list) if one.view_id != view_id]
    _new_name(others, ask.name)
    return _change(work, old, "renamed", name=ask.name)


def update_view(work: Work, view_id: uuid.UUID, kept: str) -> SavedView:
    """Let a view keep what the list shows now. Returns the version before."""
    old = _lock(work, view_id)
    return old if old.kept == kept else _change(work, old, "updated", kept=kept)


def share_view(work: Work, view_id: uuid.UUID, *, shared: bool) -> SavedView:
    """Show a view to all people of the facility, or to its owner only. Returns the version before."""
    old = _lock(work, view_id)
    return old if old.shared == shared else _change(work, old, "shared" if shared else "unshared", shared=shared)


def move_view(work: Work, view_id: uuid.UUID, *, up: bool) -> None:
    """Let a view change places with the one before it, or after it, in its owner's menu."""
    moved = _lock(work, view_id)
    row = _own(work, moved.facility_id, moved.list)
    here = next(index for index, one in enumerate(row) if one.view_id == view_id)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(row):
        raise Refused("The view is at that end already.")
    order = [*row]
    order[here], order[there] = order[there], order[here]
    for place, one in enumerate(order, start=1):
        if one.place != place:
            _change(work, one, "moved", place=place)


def end_view(work: Work, view_id: uuid.UUID) -> SavedView:
    """Delete a view. Returns its last version, for the way back."""
    old = _lock(work, view_id)
    old.ended_at = work.now
    work.record(ViewEnded(facility_id=old.facility_id, view_id=view_id, list=old.list))
    return old


def restore_version(work: Work, version_id: uuid.UUID, shares_at: Collection[int] = ()) -> SavedView:
    """Make an earlier version of one's own view the present one again, also of a view that was deleted.

    It is shared again only where the person shares views by now (`shares_at`), or where it is shared as it stands.
    """
    wanted = work.get(SavedView, version_id, NOT_THERE)
    if wanted.user_id != _me(work):
        raise NotFound(NOT_THERE)
    if wanted.ended_at is None:
        return wanted
    others = [one for one in _own(work, wanted.facility_id, wanted.list) if one.view_id != wanted.view_id]
    _new_name(others, wanted.name)
    present = work.session.exec(
        select(SavedView).where(SavedView.view_id == wanted.view_id, SavedView.ended_at.is_(None))  # type: ignore[union-attr]
    ).first()
    if present is not None:
        present.ended_at = work.now
        work.session.flush()
    again = _copy(work, wanted)
    again.shared = wanted.shared and (wanted.facility_id in shares_at or bool(present and present.shared))
    return _saved(work, again, "restored")


def choose_default(work: Work, facility_id: int, list_name: str, view_id: uuid.UUID | None, kept: str) -> ViewChoice:
    """Open this list like this from now on: as a saved view that the person sees, or under a query of its own."""
    if view_id is not None:
        seen = _open_version(work, view_id)
        if seen.list != list_name or seen.facility_id != facility_id:
            raise NotFound(NOT_THERE)
        kept = ""
    drop_choice(work, facility_id, Choice.DEFAULT, list_name)
    return _chosen(work, facility_id, Choice.DEFAULT, list_name, (view_id, kept))


def choose_first(work: Work, facility_id: int, list_name: str) -> ViewChoice:
    """Begin with this list from now on."""
    drop_choice(work, facility_id, Choice.FIRST)
    return _chosen(work, facility_id, Choice.FIRST, list_name, (None, ""))


def hide_view(work: Work, view_id: uuid.UUID) -> None:
    """Leave a view that somebody shared out of one's own menu."""
    seen = _open_version(work, view_id)
    if seen.user_id == _me(work):
        raise Refused("This view is your own. Delete it, or stop sharing it.")
    if not _choices(work, seen.facility_id, Choice.HIDDEN, view_id=view_id):
        _chosen(work, seen.facility_id, Choice.HIDDEN, seen.list, (view_id, ""))


def show_view(work: Work, view_id: uuid.UUID) -> None:
    """Take a shared view back into one's own menu."""
    seen = _open_version(work, view_id)
    for one in _choices(work, seen.facility_id, Choice.HIDDEN, view_id=view_id):
        _end_choice(work, one)


def drop_choice(work: Work, facility_id: int, kind: Choice, list_name: str = "") -> bool:
    """End the person's choice of this kind, for one list where it is about a list. Returns whether there was one."""
    found = _choices(work, facility_id, kind, list_name=list_name)
    for one in found:
        _end_choice(work, one)
    return bool(found)


def _choices(
    work: Work, facility_id: int, kind: Choice, *, list_name: str = "", view_id: uuid.UUID | None = None
) -> list[ViewChoice]:
    query = select(ViewChoice).where(
        ViewChoice.user_id == _me(work), ViewChoice.facility_id == facility_id, ViewChoice.kind == kind.value,
        ViewChoice.ended_at.is_(None),  # type: ignore[union-attr]
    )  # fmt: skip
    if list_name:
        query = query.where(ViewChoice.list == list_name)
    if view_id is not None:
        query = query.where(ViewChoice.view_id == view_id)
    return list(work.session.exec(query.with_for_update()))


def _chosen(
    work: Work, facility_id: int, kind: Choice, list_name: str, what: tuple[uuid.UUID | None, str]
) -> ViewChoice:
    view_id, kept = what
    made = work.add(
        ViewChoice(
            facility_id=facility_id, user_id=_me(work), kind=kind.value, list=list_name, view_id=view_id, kept=kept,
            made_at=work.now,
        )
    )  # fmt: skip
    work.record(ViewChosen(facility_id=facility_id, kind=kind.value, list=list_name))
    return made


def _end_choice(work: Work, one: ViewChoice) -> None:
    one.ended_at = work.now
    work.session.flush()
    work.record(ViewChosen(facility_id=one.facility_id, kind=one.kind, list=one.list, taken_back=True))


def _me(work: Work) -> uuid.UUID:
    me = work.who.actor_id
    assert me is not None, "only a person keeps views"
    return me


def _own(work: Work, facility_id: int, list_name: str) -> list[SavedView]:
    """The person's own views of one list, in their order, locked."""
    query = (
        select(SavedView)
        .where(
            SavedView.user_id == _me(work), SavedView.facility_id == facility_id, SavedView.list == list_name,
            SavedView.ended_at.is_(None),  # type: ignore[union-attr]
        )
        .order_by(SavedView.place, SavedView.made_at)  # type: ignore[arg-type]
        .with_for_update()
    )  # fmt: skip
    return list(work.session.exec(query))


def _open_version(work: Work, view_id: uuid.UUID) -> SavedView:
    query = select(SavedView).where(SavedView.view_id == view_id, SavedView.ended_at.is_(None))  # type: ignore[union-attr]
    found = work.session.exec(query).first()
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def _lock(work: Work, view_id: uuid.UUID) -> SavedView:
    """The present version of one's own view."""
    query = select(SavedView).where(
        SavedView.view_id == view_id, SavedView.ended_at.is_(None), SavedView.user_id == _me(work)  # type: ignore[union-attr]
    )  # fmt: skip
    found = work.session.exec(query.with_for_update()).first()
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def _new_name(others: list[SavedView], name: str) -> None:
    if any(one.name.lower() == name.lower() for one in others):
        raise Refused("You have a view of this name for this list. Choose another name, or update that one.",
                      field="name")  # fmt: skip


def _change(work: Work, old: SavedView, what: str, **changed: str | int | bool) -> SavedView:
    old.ended_at = work.now
    work.session.flush()
    fresh = _copy(work, old)
    for name, value in changed.items():
        setattr(fresh, name, value)
    _saved(work, fresh, what)
    return old


def _copy(work: Work, old: SavedView) -> SavedView:
    return SavedView(
        view_id=old.view_id, facility_id=old.facility_id, user_id=old.user_id, list=old.list, name=old.name,
        kept=old.kept, place=old.place, shared=old.shared, made_at=work.now,
    )  # fmt: skip


def _saved(work: Work, made: SavedView, what: str) -> SavedView:
    work.add(made)
    work.record(ViewSaved(facility_id=made.facility_id, view_id=made.view_id, list=made.list, what=what))
    return made
