"""How pages of the trail answer: looking at the trail leaves a trail, whether or not a patient is named on the page."""

import uuid
from collections.abc import Sequence
from typing import Any

from litestar import Request
from litestar.response import Response

from app.platform.work import Disclosure, disclose
from app.web.render import NO_PHI, page, route_name, the_viewer


def audit_page(
    request: Request[Any, Any, Any], template: str, *, patients: Sequence[uuid.UUID], detail: str = "", **context: Any
) -> Response[bytes]:
    """A page of the trail, written down first. `detail` says whose trail it is where that is no patient's."""
    note(request, patients, detail=detail)
    # The page's own door would leave no line for a page without patients.
    return page(request, template, discloses=NO_PHI, **context)


def note(
    request: Request[Any, Any, Any], patients: Sequence[uuid.UUID], *, kind: str = "view", detail: str = ""
) -> None:
    """Write down who looks at the trail, and whose information stands in what is answered."""
    viewer = the_viewer(request)
    named = list(dict.fromkeys(patients))
    disclose(viewer, Disclosure(route_name(request), named, viewer.address, kind, detail))
