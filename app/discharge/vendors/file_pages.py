"""`/vendor-files`: taking published files in, where the hospital stands, the table of ZIP centroids."""

import re
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.response import Response
from pydantic import BaseModel, BeforeValidator, Field, field_validator

from app.clocks.settings.line_pages import place_of
from app.discharge.terms import CareType
from app.discharge.vendors import showing
from app.discharge.vendors.importing import LARGEST, Limits, TakeVendors, take_centroids, take_file
from app.discharge.vendors.queries import position_of
from app.kernel.refusal import Refused
from app.kernel.wording import dated_text
from app.platform.work import Reading, begin, reading
from app.security.permissions import Permission
from app.security.viewer import Place
from app.web.fields import Day, empty_is_none
from app.web.forms import FormFields, FormState, read_form
from app.web.frame import Flash
from app.web.render import NO_PHI, page, see_other, the_viewer

Asked = Request[Any, Any, Any]
SET = Permission.VENDOR_SET
_TYPES = [CareType.SNF, CareType.NF, CareType.HOME_HEALTH, CareType.IRF, CareType.LTCH, CareType.HOSPICE_HOME,
          CareType.HOSPICE_FACILITY, CareType.DIALYSIS, CareType.PSYCHIATRIC, CareType.ACUTE]  # fmt: skip


class SendFile(BaseModel):
    """What somebody says of a file beside the file itself."""

    care_type: Annotated[CareType | None, BeforeValidator(empty_is_none)] = None
    data_on: Day = None
    states: Annotated[str, Field(max_length=200)] = ""
    within: Annotated[Annotated[float, Field(gt=0, le=3000)] | None, BeforeValidator(empty_is_none)] = None

    @field_validator("states")
    @classmethod
    def _states(cls, text: str) -> str:
        words = [word.upper() for word in re.split(r"[\s,;]+", text) if word]
        if not all(re.fullmatch(r"[A-Z]{2}", word) for word in words):
            raise ValueError("Write states with two letters, such as IL, IN.")
        return " ".join(words)


class _File(msgspec.Struct):
    name: str
    data_on: Any
    limits: str
    added: int
    changed: int
    unchanged: int
    left_out: int
    refused: list[str]
    made_at: datetime
    by: str


_FILES = """
select f.name, f.data_on, f.limits, f.added, f.changed, f.unchanged, f.left_out, f.refused, f.made_at,
  coalesce(u.display_name, '') from vendor_file f left join app_user u on u.id = f.made_by
where f.facility_id = %s order by f.made_at desc limit 40
"""


@get("/vendor-files", permission=SET, sync_to_thread=True)
def show_files(request: Asked) -> Response[bytes]:
    """Files that were taken in, and the forms for another one, for the own place and for ZIP centroids."""
    return _page(request, FormState(id="file"))


def _page(request: Asked, form: FormState) -> Response[bytes]:
    viewer = the_viewer(request)
    place = place_of(viewer, SET)
    with reading(viewer) as db:
        context = _context(db, place)
    return page(request, "discharge/vendors/files.html", discloses=NO_PHI, title="Vendor files", form=form,
                status=422 if form.errors else 200, place=place.name, megabytes=str(LARGEST // 1024**2),
                types=showing.choices(_TYPES, "as the file tells"), **context)  # fmt: skip


def _context(db: Reading, place: Place) -> dict[str, Any]:
    zone = ZoneInfo(place.timezone)
    files = [
        {"name": one.name, "data": showing.data_text(one.data_on), "limits": one.limits, "added": f"{one.added:,}",
         "changed": f"{one.changed:,}", "unchanged": f"{one.unchanged:,}", "left_out": f"{one.left_out:,}",
         "refused": one.refused, "made": dated_text(one.made_at, zone, db.now), "by": one.by or "the command line"}
        for one in db.rows(_File, _FILES, (place.id,))
    ]  # fmt: skip
    where = position_of(db, place.id)
    zips = db.rows(lambda *row: row, "select source, codes from zip_table where ended_at is null")
    return {
        "files": files,
        "position": "" if where is None else f"{where.latitude:.4f}, {where.longitude:.4f}",
        "position_zip": where.zip_code if where else "",
        "zips": f"{zips[0][1]:,} ZIP codes from {zips[0][0]}" if zips else "",
    }


@post("/vendor-files", permission=SET, sync_to_thread=True, request_max_body_size=LARGEST + 1_000_000)
def take(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a provider file in; rows that were refused are named on the page."""
    viewer = the_viewer(request)
    place = place_of(viewer, SET)
    ask, state = read_form(SendFile, form)
    state.id = "file"
    sent = form.files.get("file")
    if sent is None or not sent.filename:
        state.errors["file"] = "Choose a file."
    elif ask is not None:
        limits = Limits(frozenset(ask.states.split()), ask.within)
        file = TakeVendors(sent.filename, sent.file.read(), ask.care_type, ask.data_on, limits)
        try:
            with begin(viewer) as work:
                taken = take_file(work, place.id, place.code, file)
        except Refused as refused:
            return _page(request, state.refuse(refused))
        said = f"{taken.added} vendors are new, {taken.changed} changed, {taken.unchanged} as before."
        faulty = f" {len(taken.refused)} rows were refused; they are named below." if taken.refused else ""
        return see_other(request, "/vendor-files", Flash(said + faulty, "amber" if faulty else "green"))
    return _page(request, state)


@post("/zip-tables", permission=SET, sync_to_thread=True, request_max_body_size=LARGEST + 1_000_000)
def take_zips(request: Asked, form: NamedDependency[FormFields]) -> Response[bytes]:
    """Take a table of ZIP centroids in."""
    state = FormState(id="zips")
    sent = form.files.get("file")
    if sent is None or not sent.filename:
        state.errors["file"] = "Choose a file."
        return _page(request, state)
    try:
        with begin(the_viewer(request)) as work:
            taken = take_centroids(work, sent.filename, sent.file.read())
    except Refused as refused:
        return _page(request, state.refuse(refused))
    faulty = f" {len(taken.refused)} lines were refused." if taken.refused else ""
    return see_other(request, "/vendor-files", Flash(f"{taken.codes:,} ZIP codes are known.{faulty}"))


ROUTES = [show_files, take, take_zips]
