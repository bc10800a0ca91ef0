"""Pages for administrators: people, their roles, their ways in."""

import uuid
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel, Field

from app.accounts.own import set_password
from app.accounts.people import (
    AddUser,
    EditUser,
    GrantRole,
    add_user,
    edit_user,
    grant_role,
    person,
    reach_of,
    reset_second_factor,
    switch_user,
    temporary_password,
    withdraw_role,
)
from app.accounts.queries import facility_choices, facility_id_of, one_person, people_list, role_choices
from app.accounts.signing import end_sessions
from app.kernel.refusal import Refused
from app.platform.work import begin
from app.security.permissions import ROLES, Permission, Role
from app.security.viewer import Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

AnyRequest = Request[Any, Any, Any]
MANAGE = Permission.USER_MANAGE


class NewPerson(AddUser):
    """A new person with the first role; the temporary password is made by the program."""

    role: Role
    facility: str = Field(min_length=1, max_length=20)


@get("/people", permission=MANAGE, sync_to_thread=True)
def show_people(request: AnyRequest) -> Response[bytes]:
    """Everybody within reach."""
    viewer = the_viewer(request)
    return page(request, "accounts/people.html", discloses=NO_PHI, title="People",
                people=people_list(viewer, reach_of(viewer)))  # fmt: skip


def _choices(viewer: Viewer) -> dict[str, Any]:
    places = facility_choices(viewer, reach_of(viewer))
    ask = {"value": "", "label": "Choose one"}
    return {"roles": [ask, *role_choices()], "places": places if len(places) == 1 else [ask, *places]}


def _new_page(request: AnyRequest, form: FormState) -> Response[bytes]:
    return page(request, "accounts/person-new.html", discloses=NO_PHI, title="Add a person", form=form,
                status=422 if form.errors else 200, **_choices(the_viewer(request)))  # fmt: skip


@get("/people/new", permission=MANAGE, sync_to_thread=True)
def show_new_person(request: AnyRequest) -> Response[bytes]:
    """The form for a new person."""
    return _new_page(request, FormState())


@post("/people", permission=MANAGE, sync_to_thread=True)
def take_new_person(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Add a person and show the temporary password, this once."""
    viewer = the_viewer(request)
    ask, state = read_form(NewPerson, form)
    if ask is None:
        return _new_page(request, state)
    password = temporary_password()
    try:
        with begin(viewer) as work:
            user = add_user(work, AddUser(
                name=ask.name, display_name=ask.display_name, credentials=ask.credentials,
                attending_number=ask.attending_number, password=password, must_change_password=True,
            ))  # fmt: skip
            place = facility_id_of(viewer, ask.facility)
            grant_role(work, GrantRole(user_id=user.id, role=ask.role, facility_id=place))
    except Refused as refused:
        return _new_page(request, state.refuse(refused))
    return _password_shown(request, viewer, user.id, password)


def _password_shown(request: AnyRequest, viewer: Viewer, user_id: uuid.UUID, password: str) -> Response[bytes]:
    shown = one_person(viewer, reach_of(viewer), user_id)
    return page(request, "accounts/person-password.html", discloses=NO_PHI, title="Temporary password",
                person=shown, password=password)  # fmt: skip


def _person_page(
    request: AnyRequest, user_id: uuid.UUID, edit: FormState | None = None, grant: FormState | None = None
) -> Response[bytes]:
    viewer = the_viewer(request)
    shown = one_person(viewer, reach_of(viewer), user_id)
    kept = {name: str(shown[name]) for name in ("display_name", "credentials", "attending_number")}
    edit, grant = edit or FormState(given=kept), grant or FormState()
    edit.id, grant.id = "edit", "grant"
    status = 422 if edit.errors or grant.errors else 200
    return page(request, "accounts/person.html", discloses=NO_PHI, title=str(shown["full_name"]), person=shown,
                status=status, edit=edit, grant=grant, **_choices(viewer))  # fmt: skip


@get("/people/{user_id:uuid}", permission=MANAGE, sync_to_thread=True)
def show_person(request: AnyRequest, user_id: FromPath[UUID]) -> Response[bytes]:
    """One person: what is known, roles, ways in."""
    return _person_page(request, user_id)


@post("/people/{user_id:uuid}", permission=MANAGE, sync_to_thread=True)
def save_person(request: AnyRequest, user_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Correct name, credentials, number."""
    ask, state = read_form(EditUser, form)
    if ask is None:
        return _person_page(request, user_id, edit=state)
    try:
        with begin(the_viewer(request)) as work:
            edit_user(work, user_id, ask)
    except Refused as refused:
        return _person_page(request, user_id, edit=state.refuse(refused))
    return see_other(request, f"/people/{user_id}", Flash("Saved."))


class AskRole(BaseModel):
    """A role and where it holds."""

    role: Role
    facility: str = Field(min_length=1, max_length=20)


@post("/people/{user_id:uuid}/roles", permission=MANAGE, sync_to_thread=True)
def give_role(request: AnyRequest, user_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Give a role."""
    viewer = the_viewer(request)
    ask, state = read_form(AskRole, form)
    if ask is None:
        return _person_page(request, user_id, grant=state)
    try:
        with begin(viewer) as work:
            place = facility_id_of(viewer, ask.facility)
            grant_role(work, GrantRole(user_id=user_id, role=ask.role, facility_id=place))
    except Refused as refused:
        return _person_page(request, user_id, grant=state.refuse(refused))
    return see_other(request, f"/people/{user_id}", Flash(f"{ROLES[ask.role].label} was given."))


@post("/people/{user_id:uuid}/roles/{grant_id:uuid}/withdrawal", permission=MANAGE, sync_to_thread=True)
def take_role(
    request: AnyRequest, user_id: FromPath[UUID], grant_id: FromPath[UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Take a role away, with a way back."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        taken = withdraw_role(work, grant_id)
        role, place = Role(taken.role), taken.facility_id
    code = next((known.code for known in viewer.places if known.id == place), "all")
    back = Undo(f"/people/{user_id}/roles/{role.value}/{code}/return")
    return see_other(request, f"/people/{user_id}", Flash(f"{ROLES[role].label} was taken away.", undo=back))


@post("/people/{user_id:uuid}/roles/{role:str}/{code:str}/return", permission=MANAGE, sync_to_thread=True)
def return_role(
    request: AnyRequest, user_id: FromPath[UUID], role: FromPath[str], code: FromPath[str],
    form: NamedDependency[FormFields],
) -> Response[bytes]:  # fmt: skip
    """Give back what was just taken away."""
    viewer = the_viewer(request)
    if role not in set(Role):
        raise Refused("There is no such role.")
    with begin(viewer) as work:
        grant_role(work, GrantRole(user_id=user_id, role=Role(role), facility_id=facility_id_of(viewer, code)))
    return see_other(request, f"/people/{user_id}", Flash(f"{ROLES[Role(role)].label} was given back."))


@post("/people/{user_id:uuid}/switch", permission=MANAGE, sync_to_thread=True)
def switch_person(request: AnyRequest, user_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Switch a person off, which ends all sessions, or on again."""
    active = form.get("active", "") == "on"
    with begin(the_viewer(request)) as work:
        user = switch_user(work, user_id, active=active)
        if not active:
            end_sessions(work, user, "switched off")
    said = "The person may sign in again." if active else "The person can no longer sign in; all sessions were ended."
    return see_other(request, f"/people/{user_id}", Flash(said))


@post("/people/{user_id:uuid}/password", permission=MANAGE, sync_to_thread=True)
def renew_password(request: AnyRequest, user_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Set a temporary password, end all sessions, and show it this once."""
    viewer, password = the_viewer(request), temporary_password()
    with begin(viewer) as work:
        user = person(work, user_id, wholly=True)
        set_password(work, user, password, temporary=True)
        end_sessions(work, user, "temporary password")
    return _password_shown(request, viewer, user_id, password)


@post("/people/{user_id:uuid}/second-factor/reset", permission=MANAGE, sync_to_thread=True)
def reset_factor(request: AnyRequest, user_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take the second factor away, after a lost device; sessions end with it."""
    with begin(the_viewer(request)) as work:
        end_sessions(work, reset_second_factor(work, user_id), "second factor reset")
    return see_other(request, f"/people/{user_id}", Flash("The second factor was taken away; all sessions were ended."))


@post("/people/{user_id:uuid}/sign-out", permission=MANAGE, sync_to_thread=True)
def sign_person_out(request: AnyRequest, user_id: FromPath[UUID], form: NamedDependency[FormFields]) -> Response[bytes]:
    """End all sessions of a person."""
    with begin(the_viewer(request)) as work:
        ended = end_sessions(work, person(work, user_id), "ended by administrator")
    said = {0: "There was no open session.", 1: "1 session was ended."}.get(ended, f"{ended} sessions were ended.")
    return see_other(request, f"/people/{user_id}", Flash(said))


ROUTES = [show_people, show_new_person, take_new_person, show_person, save_person, give_role, take_role, return_role,
          switch_person, renew_password, reset_factor, sign_person_out]  # fmt: skip
