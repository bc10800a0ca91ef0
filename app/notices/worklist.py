"""What notices lend to the worklists: the deed in the row."""

from app.security.permissions import Permission
from app.web.lists import Lends, RowAction

LENDS = Lends(
    actions=(
        RowAction(
            "notice",
            "Deliver notice",
            "/encounters/{id}/notices/new",
            Permission.NOTICE_DELIVER,
            key="i",
            place=30,
            in_place=True,
        ),
    ),
)
