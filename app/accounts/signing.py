"""Signing in and out: password, then the one-time code of who has one; failures counted by account and by address.

One sentence for an unknown name, a person switched off and a wrong password, and the same waiting for all three:
whoever tries learns nothing about names. While an account waits, passwords are not even looked at, so that waiting
cannot be used for guessing. Sources: NIST SP 800-63B-4, 3.2.2 (limits on attempts), 5.2 (sessions).
"""

import hashlib
import hmac
import ipaddress
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field
from sqlalchemy import func
from sqlmodel import select

from app.accounts.factors.choosing import chooser_of
from app.accounts.factors.failures import ATTEMPTS, SignInFailed, address_waits, count, count_failure, wait_sentence
from app.accounts.factors.proofs import WRONG_CODE, check_code
from app.accounts.factors.recovery import codes_left
from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.kernel.wording import moment_text
from app.platform.work import Scope, System, Work, begin, reading
from app.security.lockout import locked_until
from app.security.models import User, UserSession
from app.security.passwords import LONGEST, verify_password, weakness
from app.security.sessions import digest, new_token
from app.security.viewer import Viewer

WRONG = "The user name or the password is not right."
WEAK = "Your password is shorter or easier to guess than is asked today. Choose another one in Your account."
START_AGAIN = "Sign in again: too much time has passed since the password."
TICKET_FOR = timedelta(minutes=5)
_SIGN_IN = System("sign-in", Scope())


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSignedIn(Event):
    """A person signed in from an address."""

    name: ClassVar[str] = "user.signed_in"
    user_id: uuid.UUID
    user_name: str
    session_id: uuid.UUID
    address: str
    second_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSignedOut(Event):
    """Sessions of a person were ended."""

    name: ClassVar[str] = "user.signed_out"
    user_id: uuid.UUID
    user_name: str
    sessions: int
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacilityChosen(Event):
    """A person turned to another of their facilities."""

    name: ClassVar[str] = "facility.chosen"
    user_id: uuid.UUID
    facility_id: int


class SignIn(BaseModel):
    """The first step of signing in."""

    name: str = Field(min_length=1, max_length=60)
    password: str = Field(min_length=1, max_length=LONGEST)


class GiveCode(BaseModel):
    """The second step: the ticket that the first one handed out, and the code of the device or a recovery code."""

    ticket: str = Field(min_length=1, max_length=400)
    code: str = Field(min_length=1, max_length=40)


@dataclass(frozen=True, slots=True)
class Visit:
    """The browser that signs in: its cookie before signing in, where it stands, how it calls itself.

    `hours` is how long its session may last; `replaces` is the cookie of a session that it holds already.
    """

    cookie: str
    address: str
    agent: str = ""
    hours: int = 12
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """Signed in: the cookie of the new session, and what the person is told on the first page."""

    token: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class CodeWanted:
    """The password fits; the code is asked with this ticket."""

    ticket: str


def sign_in(ask: SignIn, visit: Visit) -> Entered | CodeWanted:
    """Check a password. Refused when it does not fit or somebody has to wait; the failure is counted and kept."""
    with begin(_SIGN_IN) as work:
        result = _first_step(work, ask, visit)
    if isinstance(result, str):
        raise Refused(result)
    return result


def give_code(ask: GiveCode, visit: Visit) -> Entered:
    """Check a one-time code. Refused beside the field `code`; without a field when the ticket is too old."""
    with begin(_SIGN_IN) as work:
        result = _second_step(work, ask, visit)
    if isinstance(result, str):
        raise Refused(result, field="code" if result == WRONG_CODE else None)
    return result


def _first_step(work: Work, ask: SignIn, visit: Visit) -> Entered | CodeWanted | str:
    waits = address_waits(work, visit.address)
    if waits is not None:
        return wait_sentence(waits, work.now)
    query = select(User).where(func.lower(User.name) == ask.name.lower(), User.active).with_for_update()
    user = work.session.exec(query).first()
    if user is None:
        return _unknown_name(work, ask, visit)
    if user.locked_until is not None and user.locked_until > work.now:
        return wait_sentence(user.locked_until, work.now)
    if not verify_password(user.password_hash, ask.password):
        return count_failure(work, user, visit.address, "password") or WRONG
    # The words are at hand now only; who has a temporary password must choose another one anyway.
    chooser = chooser_of(work, (user.name, user.display_name), user.id)
    weak = not user.must_change_password and bool(weakness(ask.password, chooser))
    if user.totp_confirmed_at is not None:
        return CodeWanted(_ticket(user, visit.cookie, work.now + TICKET_FOR, weak=weak))
    return enter(work, user, visit, WEAK if weak else "")


def _unknown_name(work: Work, ask: SignIn, visit: Visit) -> str:
    """What happens to a name that is not one of ours: the same work, the same waiting, the same sentence."""
    key = "name " + hashlib.sha256(ask.name.lower().encode()).hexdigest()
    row = work.connection.execute(ATTEMPTS, [key]).fetchone()
    until = locked_until(row[0], row[1]) if row else None
    if until is not None and until > work.now:
        return wait_sentence(until, work.now)
    verify_password("", ask.password)
    failures = count(work, key, decays=False)
    count(work, visit.address, decays=True)
    work.record(SignInFailed(user_id=None, user_name="", address=visit.address, step="name"))
    until = locked_until(failures, work.now)
    return wait_sentence(until, work.now) if until is not None else WRONG


def _second_step(work: Work, ask: GiveCode, visit: Visit) -> Entered | str:
    waits = address_waits(work, visit.address)
    if waits is not None:
        return wait_sentence(waits, work.now)
    user = _ticket_holder(work, ask.ticket, visit.cookie)
    if user is None:
        return START_AGAIN
    if user.locked_until is not None and user.locked_until > work.now:
        return wait_sentence(user.locked_until, work.now)
    proof = check_code(work, user, ask.code)
    if not proof:
        return count_failure(work, user, visit.address, "code") or WRONG_CODE
    told = WEAK if _weak_in(ask.ticket) else ""
    if proof == "recovery":
        told = f"{_left_sentence(codes_left(work, user.id))} {told}".strip()
    return enter(work, user, visit, told)


def _left_sentence(left: int) -> str:
    kept = {0: "This was your last recovery code.", 1: "One recovery code is left."}.get(
        left, f"{left} recovery codes are left."
    )
    return f"You signed in with a recovery code. {kept} Make new ones in Your account."


def _seal(user: User, cookie: str, until: int, weak: str) -> str:
    """Keyed by the stored hash: only the server can make it, and a new password makes old ones worthless."""
    said = f"second step|{cookie}|{user.id}|{until}|{weak}"
    return hmac.new(user.password_hash.encode(), said.encode(), hashlib.sha256).hexdigest()


def _ticket(user: User, cookie: str, until: datetime, *, weak: bool) -> str:
    moment, mark = int(until.timestamp()), "w" if weak else "-"
    return f"{user.id}.{moment}.{mark}.{_seal(user, cookie, moment, mark)}"


def _weak_in(ticket: str) -> bool:
    return ticket.split(".")[2] == "w"


def _ticket_holder(work: Work, ticket: str, cookie: str) -> User | None:
    """The person of a ticket of this browser that is not too old, locked."""
    parts = ticket.split(".")
    try:
        user_id, until, weak = uuid.UUID(parts[0]), int(parts[1]), parts[2]
    except (ValueError, IndexError):
        return None
    user = work.session.exec(select(User).where(User.id == user_id, User.active).with_for_update()).first()
    # Without a stored hash the key of the seal would be empty, and anybody could make a ticket.
    if user is None or not user.password_hash or user.totp_confirmed_at is None or until < work.now.timestamp():
        return None
    return user if hmac.compare_digest(_seal(user, cookie, until, weak), ".".join(parts[3:])) else None


def enter(work: Work, user: User, visit: Visit, told: str = "") -> Entered:
    """Open a fresh session for a person who has proven who they are; one that this browser held ends.

    `told` and what happened to the account meanwhile are said on the first page.
    """
    user.failed_attempts, user.locked_until = 0, None
    if visit.replaces:
        work.write("user_session", "update user_session set ended_at = %s, ended_because = 'replaced'"
                   " where digest = %s and ended_at is null", [work.now, digest(visit.replaces)])  # fmt: skip
    token = new_token()
    session = work.add(
        UserSession(
            digest=digest(token), user_id=user.id, started_at=work.now, seen_at=work.now,
            expires_at=work.now + timedelta(hours=visit.hours), address=_as_address(visit.address),
            agent=visit.agent[:200],
            facility_id=work.value("select facility_id from user_session where user_id = %s order by started_at desc"
                                   " limit 1", [user.id]),
        )
    )  # fmt: skip
    work.record(
        UserSignedIn(user_id=user.id, user_name=user.name, session_id=session.id, address=visit.address,
                     second_factor=user.totp_confirmed_at is not None)
    )  # fmt: skip
    return Entered(token, f"{_taken_sentence(work, user)} {told}".strip())


def _taken_sentence(work: Work, user: User) -> str:
    """That an administrator took the second factor away, until there is another one."""
    if user.factor_taken_at is None:
        return ""
    zone = work.value("select f.timezone from role_grant g join facility f on g.facility_id is null or f.id ="
                      " g.facility_id where g.user_id = %s order by f.id limit 1", [user.id])  # fmt: skip
    at = moment_text(user.factor_taken_at, ZoneInfo(zone or "UTC"), work.now)
    return f"Your second factor was taken away {at} by {user.factor_taken_by}. Set it up again in Your account."


def _as_address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.split("%")[0]))
    except ValueError:
        return None


def renew_cookie(work: Work, session_id: uuid.UUID) -> str:
    """Another cookie for the same session, after a change of password or second factor: the one before is void."""
    token = new_token()
    work.write("user_session", "update user_session set digest = %s where id = %s and ended_at is null",
               [digest(token), session_id])  # fmt: skip
    return token


_OPEN = " where user_id = %s and ended_at is null and expires_at > %s"
_END = "update user_session set ended_at = %s, ended_because = %s"


def end_sessions(work: Work, user: User, because: str, *, but: uuid.UUID | None = None) -> int:
    """End every open session of a person, except perhaps one. Returns how many; none leaves no trace."""
    those = _OPEN + " and id is distinct from %s"
    found = work.values("select id from user_session" + those, [user.id, work.now, but])
    if found:
        work.write("user_session", _END + those, [work.now, because, user.id, work.now, but])
        work.record(UserSignedOut(user_id=user.id, user_name=user.name, sessions=len(found), because=because))
    return len(found)


def end_session(viewer: Viewer, session_id: uuid.UUID, because: str) -> None:
    """End one of one's own sessions; one that is ended already, or another person's, stays as it is."""
    with begin(viewer) as work:
        found = work.values("select id from user_session" + _OPEN + " and id = %s for update",
                            [viewer.user_id, work.now, session_id])  # fmt: skip
        if found:
            work.write("user_session", _END + " where id = %s", [work.now, because, session_id])
            work.record(UserSignedOut(user_id=viewer.user_id, user_name=viewer.name, sessions=1, because=because))


def came_by_provider(viewer: Viewer) -> bool:
    """Whether this session began at the hospital's identity provider."""
    with reading(viewer) as view:
        query = "select signed_in_by = 'provider' from user_session where id = %s"
        return bool(view.value(query, [viewer.session_id]))


def choose_facility(viewer: Viewer, code: str) -> None:
    """Work in another facility from now on. Refused for one that is not among the viewer's."""
    chosen = [place for place in viewer.places if place.code == code]
    if not chosen:
        raise Refused("Choose one of your facilities.", field="code")
    with begin(viewer) as work:
        work.write("user_session", "update user_session set facility_id = %s where id = %s",
                   [chosen[0].id, viewer.session_id])  # fmt: skip
        work.record(FacilityChosen(user_id=viewer.user_id, facility_id=chosen[0].id))
