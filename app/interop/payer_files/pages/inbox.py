"""A payer's file: what it says, what became of each part, and what people do with what was put before them."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from app.interop.payer_files import queries
from app.interop.payer_files.pages.showing import answer_facts, candidate_text, in_text, item_text, segments
from app.interop.payer_files.queries import ItemLine
from app.interop.payer_files.reading import told
from app.interop.payer_files.settling import Assign, SetAside, assign, look_again, set_aside
from app.interop.payer_files.taking import StoredFile
from app.interop.payer_files.terms import FOR_PEOPLE, ItemKind, Told
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Disclosure, Reading, disclose, reading
from app.security.permissions import Permission
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, route_name, see_other, the_viewer

Ask = Request[Any, Any, Any]
SET = Permission.EXCHANGE_SET


@get("/payer-files/in/{payer_file_id:uuid}", permission=SET, sync_to_thread=True)
def show_in(request: Ask, payer_file_id: FromPath[UUID]) -> Response[bytes]:
    """One file of a payer."""
    return _page(request, payer_file_id)


@post("/payer-files/in/{payer_file_id:uuid}/searches", permission=SET, status_code=200, sync_to_thread=True)
def find_stay(request: Ask, payer_file_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """The same page with the authorizations of a visit. A form, since its number must not stand in an address."""
    return _page(request, payer_file_id, visit=form.get("visit", "")[:64])


def _page(
    request: Ask, file_id: UUID, *, visit: str = "", wrong: tuple[UUID, FormState] | None = None
) -> Response[bytes]:
    viewer = the_viewer(request)
    line, file = queries.file_in(viewer.scope.facilities, file_id)
    parts = told(file.format, file.raw)
    hidden = queries.hidden_from(viewer, file, [one.answer for one in parts if one.answer is not None])
    may_read = not hidden and (viewer.may(Permission.STAY_SEE) or viewer.may(Permission.MESSAGE_READ))
    may_assign = may_read and all(
        file.facility_id in viewer.facilities_with(one) for one in (Permission.STAY_SEE, Permission.AUTHORIZATION_WRITE)
    )
    people: list[UUID] = []
    items = []
    with reading(viewer) as db:
        for one in queries.items_of(db, file_id):
            part = parts[one.place] if one.place < len(parts) else None
            about = item_text(one, db.now, may_open=viewer.may(Permission.STAY_SEE))
            choices, found = _choices(db, file, part, one, visit) if may_assign else ([], [])
            people += found + ([one.patient_id] if one.patient_id and may_read else [])
            items.append(about | {
                "facts": answer_facts(part.answer) if part and may_read else [], "choices": choices,
                "may_assign": may_assign and about["open"] and about["decision"],
                "form": wrong[1] if wrong and wrong[0] == one.id else FormState(id=f"i{one.place}"),
            })  # fmt: skip
        shown = in_text(line, db.now) | {"id": str(file_id)}
    if may_read and not people:
        disclose(viewer, Disclosure(route_name(request), [], viewer.address, "view", f"payer file {file_id}"))
    return page(
        request, "interop/payers/in.html", discloses=list(dict.fromkeys(people)) or NO_PHI,
        title=f"File of {line.payer_code}", status=422 if wrong else 200, file=shown, items=items,
        lines=segments(file.raw) if may_read else [], may_read=may_read, visit=visit,
        may_look=any(one["open"] for one in items),
    )  # fmt: skip


def _choices(
    db: Reading, file: StoredFile, part: Told | None, item: ItemLine, visit: str
) -> tuple[list[dict[str, str]], list[UUID]]:
    """Authorizations to which an open decision may belong, and whom they name."""
    if item.state not in FOR_PEOPLE or item.kind != ItemKind.DECISION:
        return [], []
    found = queries.candidates(db, file, part.answer if part else None, visit)
    return [candidate_text(one, item.timezone, db.now) for one in found], [one.patient_id for one in found]


@post("/payer-files/in/{payer_file_id:uuid}/readings", permission=SET, sync_to_thread=True)
def read_again(request: Ask, payer_file_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Judge anew what waits for people, after something was repaired."""
    viewer = the_viewer(request)
    queries.file_in(viewer.scope.facilities, payer_file_id)
    count = look_again(viewer, payer_file_id)
    said = "One part was looked at again." if count == 1 else f"{count} parts were looked at again."
    return see_other(request, f"/payer-files/in/{payer_file_id}", Flash(said, "blue"))


@post("/payer-files/items/{answer_id:uuid}/assignments", permission=SET, sync_to_thread=True)
def assign_answer(request: Ask, answer_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Record the decision of an answer with the authorization that was chosen."""
    viewer = the_viewer(request)
    file_id = _file(request, answer_id)
    if not (viewer.may(Permission.AUTHORIZATION_WRITE) and viewer.may(Permission.STAY_SEE)):
        raise NotFound("Decisions of payers are recorded by people who work with authorizations.")
    ask, state = read_form(Assign, form)
    if ask is None:
        return _again(request, file_id, answer_id, state)
    try:
        assign(viewer.acting(Permission.AUTHORIZATION_WRITE), answer_id, ask)
    except NotFound:
        raise
    except Refused as refused:
        return _again(request, file_id, answer_id, state.refuse(refused))
    return see_other(request, f"/payer-files/in/{file_id}", Flash("The decision was recorded."))


@post("/payer-files/items/{answer_id:uuid}/set-asides", permission=SET, sync_to_thread=True)
def put_aside(request: Ask, answer_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Say that nothing follows from an answer."""
    file_id = _file(request, answer_id)
    ask, state = read_form(SetAside, form)
    if ask is None:
        return _again(request, file_id, answer_id, state)
    try:
        set_aside(the_viewer(request), answer_id, ask)
    except NotFound:
        raise
    except Refused as refused:
        return _again(request, file_id, answer_id, state.refuse(refused))
    return see_other(request, f"/payer-files/in/{file_id}", Flash("The answer was put aside."))


def _file(request: Ask, item_id: UUID) -> UUID:
    with reading(the_viewer(request)) as db:
        return queries.file_of_item(db, item_id)


def _again(request: Ask, file_id: UUID, item_id: UUID, state: FormState) -> Response[bytes]:
    return _page(request, file_id, wrong=(item_id, state))


ROUTES = [show_in, find_stay, read_again, assign_answer, put_aside]
