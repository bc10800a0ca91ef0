"""First run: while there is nobody, whoever reads the server's console sets up the first administrator and facility."""

import hashlib
import hmac
import os
import secrets
from datetime import timedelta
from pathlib import Path

from pydantic import Field

from app.accounts.people import AddUser, GrantRole, add_user, grant_role
from app.census.facilities import AddFacility, FacilityKind, add_facility
from app.kernel.refusal import NotFound, Refused
from app.platform.now import now
from app.platform.work import Work, begin, everywhere, reading
from app.security.passwords import LONGEST
from app.security.permissions import Role

_FILE = "first-run-code"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: they are misread
GOOD_FOR = timedelta(hours=24)
WRONG_CODE = "This is not the code that the server printed at its last start, or it is older than a day. Start it anew."
_LOCK = "select pg_advisory_xact_lock(hashtext('daybook first run'))"


class SetUp(AddFacility):
    """The first administrator and the first facility, with the code that the server printed."""

    printed: str = Field(min_length=1, max_length=40)
    user_name: str = Field(min_length=2, max_length=60, pattern=r"^[A-Za-z0-9._@-]+$")
    display_name: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=LONGEST)
    again: str = Field(min_length=1, max_length=LONGEST)
    kind: FacilityKind = FacilityKind.ACUTE


def nobody_yet() -> bool:
    """Whether the installation has no user at all."""
    with reading(everywhere("set-up")) as view:
        return not view.value("select exists (select 1 from app_user)")


def first_run_code(home: Path) -> str:
    """Make the one-time code to print at start; only its hash is kept, in the home folder. A new one voids the old.

    Returns the empty text once there is a user: then there is nothing to set up.
    """
    if not nobody_yet():
        return ""
    text = "".join(secrets.choice(_LETTERS) for _ in range(12))
    code = "-".join(text[at : at + 4] for at in range(0, 12, 4))
    home.mkdir(parents=True, exist_ok=True)
    temporary = home / f"{_FILE}.new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{_hashed(code)} {int((now() + GOOD_FOR).timestamp())}")
    temporary.replace(home / _FILE)
    return code


def set_up(home: Path, ask: SetUp) -> None:
    """Make the first administrator and facility. NotFound once there is a user; Refused beside the field."""
    with begin(everywhere("set-up")) as work:
        _only_once(work)
        if not _fits(home, ask.printed):
            raise Refused(WRONG_CODE, field="printed")
        if ask.password != ask.again:
            raise Refused("The two passwords differ.", field="again")
        add_facility(work, AddFacility(**ask.model_dump(include=set(AddFacility.model_fields))))
        user = add_user(work, AddUser(name=ask.user_name, display_name=ask.display_name, password=ask.password))
        grant_role(work, GrantRole(user_id=user.id, role=Role.ADMINISTRATOR))
    (home / _FILE).unlink(missing_ok=True)


def _only_once(work: Work) -> None:
    # Two browsers may send the form at the same moment: the second waits here, and then finds a user.
    work.connection.execute(_LOCK)
    if work.value("select exists (select 1 from app_user)"):
        raise NotFound


def _hashed(code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _fits(home: Path, code: str) -> bool:
    """Whether this is the last printed code, and not too old."""
    try:
        kept, _, until = (home / _FILE).read_text().partition(" ")
    except FileNotFoundError:
        return False
    return hmac.compare_digest(kept, _hashed(code)) and until.isdigit() and now().timestamp() < int(until)
