"""Restricted stays that people of the tests opened."""

import uuid

from app.accounts.glass import Opening, break_glass
from app.accounts.own import set_password
from app.platform.work import begin, everywhere
from app.security.models import StayAccess, User
from app.security.opening import Why
from app.security.permissions import Permission
from app.security.viewer import Viewer
from tests.support.world import PASSWORD, World


def open_stay(viewer: Viewer, stay: uuid.UUID, reason: str) -> StayAccess:
    """A restricted stay that this person opened with a reason, after proof."""
    with begin(viewer.acting(Permission.GLASS_BREAK)) as work:
        return break_glass(work, stay, Opening(Why.COVERING, reason, "password"))


def give_password(world: World, name: str) -> None:
    """This person has the password of the tests."""
    with begin(everywhere("test")) as work:
        set_password(work, work.get(User, world.user[name]), PASSWORD, temporary=False)


def filled(world: World, name: str, reason: str) -> dict[str, str]:
    """The form at the door as this person fills it in."""
    give_password(world, name)
    return {"code": "covering", "reason": reason, "proof": PASSWORD}
