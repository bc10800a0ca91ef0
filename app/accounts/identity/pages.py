"""`/identity`: which groups of the provider hold which role, how people are matched, whether the provider answers."""

import uuid
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response
from pydantic import BaseModel, Field

from app.accounts.identity.client import LOGOUT, Registration, provider_of, registration
from app.accounts.identity.holders import matching_rule
from app.accounts.identity.mapping import (
    SET,
    MapGroup,
    choose_matching,
    end_mapping,
    map_group,
    try_provider,
    unlink,
)  # fmt: skip
from app.accounts.identity.models import IdentityRole
from app.accounts.identity.terms import Matching
from app.accounts.people import Reach, reach_of
from app.accounts.queries import facility_choices, facility_id_of, role_choices, said, zone_of
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Reading, begin, reading
from app.security.permissions import ROLES, Role
from app.security.viewer import Viewer
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash, Undo
from app.web.render import NO_PHI, page, see_other, the_viewer

AnyRequest = Request[Any, Any, Any]
_MATCHINGS = [
    {"value": Matching.PREPARED.value, "label": "Prepared people only"},
    {"value": Matching.GROUPS.value, "label": "Prepared people, and whoever has a group below"},
]


class AskMapping(BaseModel):
    """A group, a role, and where it holds."""

    group: str = Field(min_length=1, max_length=255)
    role: Role
    facility: str = Field(min_length=1, max_length=20)


class AskMatching(BaseModel):
    """How first sign-ins are matched."""

    matching: Matching


class _Mapped(msgspec.Struct):
    id: uuid.UUID
    group: str
    role: str
    facility_id: int | None
    facility: str
    since: datetime


class _Linked(msgspec.Struct):
    id: uuid.UUID
    user_id: uuid.UUID
    name: str
    subject: str
    since: datetime
    places: list[int | None]


def _mappings(view: Reading, viewer: Viewer, reach: Reach) -> list[dict[str, Any]]:
    rows = view.rows(
        _Mapped,
        "select r.id, r.group_name, r.role, r.facility_id, coalesce(f.name, 'All facilities'), r.made_at"
        " from identity_role r left join facility f on f.id = r.facility_id where r.ended_at is null"
        " order by lower(r.group_name), r.role, f.name",
    )
    return [
        {"id": str(row.id), "group": row.group, "role": ROLES[Role(row.role)].label, "where": row.facility,
         "since": said(row.since, zone_of(viewer), view.now), "mine": reach.covers(row.facility_id)}
        for row in rows if row.facility_id is None or reach.covers(row.facility_id)
    ]  # fmt: skip


def _links(view: Reading, viewer: Viewer, reach: Reach) -> list[dict[str, Any]]:
    rows = view.rows(
        _Linked,
        "select l.id, u.id, u.display_name, l.subject, l.made_at,"
        " array(select g.facility_id from role_grant g where g.user_id = u.id) from identity_link l"
        " join app_user u on u.id = l.user_id where l.ended_at is null order by lower(u.display_name), u.name",
    )
    return [
        {"id": str(row.id), "person": str(row.user_id), "name": row.name, "subject": row.subject,
         "since": said(row.since, zone_of(viewer), view.now), "wholly": all(map(reach.covers, row.places))}
        for row in rows if not row.places or any(map(reach.covers, row.places))
    ]  # fmt: skip


def _contact(view: Reading, known: Registration, zone: str) -> dict[str, str]:
    query = "select tried_at, trouble, answered_at from identity_contact where issuer = %s"
    row = view.connection.execute(query, [known.issuer]).fetchone()
    if row is None:
        return {"text": "not asked yet", "tone": "gray", "icon": "clock", "sentence": ""}
    tried, trouble, answered = row
    if not trouble:
        return {"text": "answers", "tone": "green", "icon": "check",
                "sentence": f"It answered {said(tried, zone, view.now)}."}  # fmt: skip
    last = f" It last answered {said(answered, zone, view.now)}." if answered else ""
    return {"text": "does not answer", "tone": "red", "icon": "alert", "sentence": f"{trouble}{last}"}


def _settings(known: Registration) -> list[dict[str, str]]:
    return [
        {"label": "Issuer", "value": known.issuer}, {"label": "Client", "value": known.client_id},
        {"label": "Redirect URI", "value": known.redirect_uri},
        {"label": "Back-channel logout URI", "value": known.here + LOGOUT},
        {"label": "After sign-out", "value": known.here + "/sign-in"}, {"label": "Scopes", "value": known.scopes},
        {"label": "Groups from claim", "value": known.groups_claim},
        {"label": "User name from claim", "value": known.name_claim},
        {"label": "Second factor when", "value": " or ".join(
            [f"amr has {one}" for one in known.methods] + [f"acr is {one}" for one in known.levels]
        ) or "never: ours is asked"},
    ]  # fmt: skip


def _page(request: AnyRequest, form: FormState | None = None) -> Response[bytes]:
    viewer, known = the_viewer(request), registration(request.app.state.settings)
    reach = reach_of(viewer, SET)
    ask = {"value": "", "label": "Choose one"}
    with reading(viewer) as view:
        shown = {
            "contact": _contact(view, known, zone_of(viewer)) if known else None,
            "mappings": _mappings(view, viewer, reach), "links": _links(view, viewer, reach),
            "matching": FormState(given={"matching": matching_rule(view).value}, id="matching"),
            "local": view.value("select count(distinct u.id) from app_user u join role_grant g on g.user_id = u.id"
                                " where u.active and g.role = 'administrator' and g.given_by = 'hand'"),
        }  # fmt: skip
    form = form or FormState()
    form.id = "map"
    return page(
        request, "accounts/identity/identity.html", discloses=NO_PHI, title="Identity provider", form=form,
        status=422 if form.errors else 200, settings=_settings(known) if known else [], roles=[ask, *role_choices()],
        places=[ask, *facility_choices(viewer, reach)], matchings=_MATCHINGS, whole=reach.everything, **shown,
    )  # fmt: skip


@get("/identity", permission=SET, sync_to_thread=True)
def show_identity(request: AnyRequest) -> Response[bytes]:
    """Groups with roles, people of the provider, and how it answers."""
    return _page(request)


@post("/identity/groups", permission=SET, sync_to_thread=True)
def add_mapping(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Let a group hold a role."""
    viewer = the_viewer(request)
    ask, state = read_form(AskMapping, form)
    if ask is None:
        return _page(request, state)
    try:
        with begin(viewer) as work:
            place = facility_id_of(viewer, ask.facility)
            map_group(work, MapGroup(group=ask.group, role=ask.role, facility_id=place))
    except Refused as refused:
        return _page(request, state.refuse(refused))
    return see_other(request, "/identity", Flash(f"The group holds the role {ROLES[ask.role].label} from now on."))


@post("/identity/groups/{identity_role_id:uuid}/end", permission=SET, sync_to_thread=True)
def end_one_mapping(
    request: AnyRequest, identity_role_id: FromPath[UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """A group holds a role no longer, with a way back."""
    with begin(the_viewer(request)) as work:
        ended = end_mapping(work, identity_role_id)
        label = ROLES[Role(ended.role)].label
    back = Undo(f"/identity/groups/{identity_role_id}/return")
    return see_other(request, "/identity", Flash(f"The group no longer holds the role {label}.", undo=back))


@post("/identity/groups/{identity_role_id:uuid}/return", permission=SET, sync_to_thread=True)
def return_mapping(
    request: AnyRequest, identity_role_id: FromPath[UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """The group holds the role again, by a row of its own."""
    viewer = the_viewer(request)
    with begin(viewer) as work:
        row = work.get(IdentityRole, identity_role_id, "There is no such group with a role.")
        if not reach_of(viewer, SET).covers(row.facility_id):
            raise NotFound("There is no such group with a role.")
        map_group(work, MapGroup(group=row.group_name, role=Role(row.role), facility_id=row.facility_id))
    return see_other(request, "/identity", Flash("The group holds the role again."))


@post("/identity/matching", permission=SET, sync_to_thread=True)
def set_matching(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """How first sign-ins are matched with people."""
    ask, _state = read_form(AskMatching, form)
    if ask is None:
        raise Refused("Choose one of the two.")
    with begin(the_viewer(request)) as work:
        choose_matching(work, ask.matching)
    return see_other(request, "/identity", Flash("This holds for first sign-ins from now on."))


@post("/identity/trial", permission=SET, sync_to_thread=True)
def try_now(request: AnyRequest, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Ask the provider for its description and its keys."""
    known = registration(request.app.state.settings)
    if known is None:
        raise NotFound("This installation has no identity provider.")
    trouble = try_provider(provider_of(known))
    told = Flash(f"The provider cannot be used now. {trouble}", "red") if trouble else Flash("The provider answers.")
    return see_other(request, "/identity", told)


@post("/identity/people/{identity_link_id:uuid}/end", permission=SET, sync_to_thread=True)
def end_link(
    request: AnyRequest, identity_link_id: FromPath[UUID], form: NamedDependency[FormFields]
) -> Response[bytes]:
    """Part a person from the provider's."""
    with begin(the_viewer(request)) as work:
        unlink(work, identity_link_id)
    said_now = "The person was parted from the provider; sessions and roles that came by it ended."
    return see_other(request, "/identity", Flash(said_now))


ROUTES = [show_identity, add_mapping, end_one_mapping, return_mapping, set_matching, try_now, end_link]
