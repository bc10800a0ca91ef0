"""Signing in and out: password, then the one-time code of who has one; failures counted by account and by address.

One sentence for an unknown name, a person switched off and a wrong password, and the same waiting for all three:
whoever tries learns nothing about names. While an account waits, passwords are not even looked at, so that waiting
cannot be used for guessing. Sources: NIST SP 800-63B-4, 3.2.2 (limits on attempts), 5.2 (sessions).
"""

import hashlib
import hmac
import ipaddress
import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, Field
from sqlalchemy import func
from sqlmodel import select

from app.kernel.events import Event
from app.kernel.refusal import Refused
from app.platform.work import Scope, System, Work, begin
from app.security.lockout import UNTIL_RELEASED, address_waits_until, locked_until, remembered
from app.security.models import User, UserSession
from app.security.passwords import verify_password
from app.security.sessions import digest, new_token
from app.security.totp import matching_step
from app.security.viewer import Viewer

WRONG = "The user name or the password is not right."
WRONG_CODE = "This code is not right, or it was used before. Wait for the next one."
START_AGAIN = "Sign in again: too much time has passed since the password."
TICKET_FOR = timedelta(minutes=5)
_SIGN_IN = System("sign-in", Scope())
_ATTEMPTS = "select failed, last_at from sign_in_attempt where address = %s"


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
class SignInFailed(Event):
    """An attempt failed. The name is kept only when it is one of ours: people type passwords into the wrong field."""

    name: ClassVar[str] = "sign_in.failed"
    user_id: uuid.UUID | None
    user_name: str
    address: str
    step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLocked(Event):
    """An account takes no attempt until this instant."""

    name: ClassVar[str] = "user.locked"
    user_id: uuid.UUID
    user_name: str
    until: datetime


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
    password: str = Field(min_length=1, max_length=200)


class GiveCode(BaseModel):
    """The second step: the ticket that the first one handed out, and the code."""

    ticket: str = Field(min_length=1, max_length=400)
    code: str = Field(min_length=1, max_length=20)


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
    """Signed in: the cookie of the new session."""

    token: str


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
    waits = _address_waits(work, visit.address)
    if waits is not None:
        return _wait(waits, work.now)
    query = select(User).where(func.lower(User.name) == ask.name.lower(), User.active).with_for_update()
    user = work.session.exec(query).first()
    if user is None:
        return _unknown_name(work, ask, visit)
    if user.locked_until is not None and user.locked_until > work.now:
        return _wait(user.locked_until, work.now)
    if not verify_password(user.password_hash, ask.password):
        return count_failure(work, user, visit.address, "password") or WRONG
    if user.totp_confirmed_at is not None:
        return CodeWanted(_ticket(user, visit.cookie, work.now + TICKET_FOR))
    return _enter(work, user, visit)


def _unknown_name(work: Work, ask: SignIn, visit: Visit) -> str:
    """What happens to a name that is not one of ours: the same work, the same waiting, the same sentence."""
    key = "name " + hashlib.sha256(ask.name.lower().encode()).hexdigest()
    row = work.connection.execute(_ATTEMPTS, [key]).fetchone()
    until = locked_until(row[0], row[1]) if row else None
    if until is not None and until > work.now:
        return _wait(until, work.now)
    verify_password("", ask.password)
    failures = _count(work, key, decays=False)
    _count(work, visit.address, decays=True)
    work.record(SignInFailed(user_id=None, user_name="", address=visit.address, step="name"))
    until = locked_until(failures, work.now)
    return _wait(until, work.now) if until is not None else WRONG


def _second_step(work: Work, ask: GiveCode, visit: Visit) -> Entered | str:
    waits = _address_waits(work, visit.address)
    if waits is not None:
        return _wait(waits, work.now)
    user = _ticket_holder(work, ask.ticket, visit.cookie)
    if user is None:
        return START_AGAIN
    if user.locked_until is not None and user.locked_until > work.now:
        return _wait(user.locked_until, work.now)
    step = matching_step(user.totp_secret, ask.code, work.now, user.totp_last_step)
    if step is None:
        return count_failure(work, user, visit.address, "code") or WRONG_CODE
    user.totp_last_step = step
    return _enter(work, user, visit)


def count_failure(work: Work, user: User, address: str, step: str) -> str | None:
    """Count a failed attempt on a locked row; returns the sentence about waiting, if one has to wait now."""
    user.failed_attempts += 1
    user.locked_until = locked_until(user.failed_attempts, work.now)
    _count(work, address, decays=True)
    work.record(SignInFailed(user_id=user.id, user_name=user.name, address=address, step=step))
    if user.locked_until is None:
        return None
    work.record(UserLocked(user_id=user.id, user_name=user.name, until=user.locked_until))
    return _wait(user.locked_until, work.now)


def _address_waits(work: Work, address: str) -> datetime | None:
    row = work.connection.execute(_ATTEMPTS, [address]).fetchone()
    if row is None:
        return None
    until = address_waits_until(remembered(row[0], row[1], work.now), row[1])
    return until if until is not None and until > work.now else None


def _count(work: Work, key: str, *, decays: bool) -> int:
    """Count one more failure under a key, and forget the keys of days gone by."""
    table = "sign_in_attempt"
    work.write(table, "insert into sign_in_attempt (address, failed, last_at) values (%s, 0, %s)"
               " on conflict do nothing", [key, work.now])  # fmt: skip
    found = work.connection.execute(_ATTEMPTS + " for update", [key])
    failed, last_at = found.fetchone() or (0, work.now)
    failed = (remembered(failed, last_at, work.now) if decays else failed) + 1
    work.write(table, "update sign_in_attempt set failed = %s, last_at = %s where address = %s",
               [failed, work.now, key])  # fmt: skip
    work.write(table, "delete from sign_in_attempt where address in (select address from sign_in_attempt"
               " where last_at < %s for update skip locked)", [work.now - timedelta(days=2)])  # fmt: skip
    return int(failed)


def _wait(until: datetime, at: datetime) -> str:
    if until >= UNTIL_RELEASED:
        return "Too many failed attempts. An administrator can open this account again with a new password."
    seconds = max(1, math.ceil((until - at).total_seconds()))
    minutes = math.ceil(seconds / 60)
    span = f"{seconds} seconds" if seconds < 60 else "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"Too many failed attempts. Wait {span}, then try again."


def _seal(user: User, cookie: str, until: int) -> str:
    """Keyed by the stored hash: only the server can make it, and a new password makes old ones worthless."""
    said = f"second step|{cookie}|{user.id}|{until}"
    return hmac.new(user.password_hash.encode(), said.encode(), hashlib.sha256).hexdigest()


def _ticket(user: User, cookie: str, until: datetime) -> str:
    moment = int(until.timestamp())
    return f"{user.id}.{moment}.{_seal(user, cookie, moment)}"


def _ticket_holder(work: Work, ticket: str, cookie: str) -> User | None:
    """The person of a ticket of this browser that is not too old, locked."""
    parts = ticket.split(".")
    try:
        user_id, until = uuid.UUID(parts[0]), int(parts[1])
    except (ValueError, IndexError):
        return None
    user = work.session.exec(select(User).where(User.id == user_id, User.active).with_for_update()).first()
    if user is None or user.totp_confirmed_at is None or until < work.now.timestamp():
        return None
    return user if hmac.compare_digest(_seal(user, cookie, until), ".".join(parts[2:])) else None


def _enter(work: Work, user: User, visit: Visit) -> Entered:
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
    return Entered(token)


def _as_address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.split("%")[0]))
    except ValueError:
        return None


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


def choose_facility(viewer: Viewer, code: str) -> None:
    """Work in another facility from now on. Refused for one that is not among the viewer's."""
    chosen = [place for place in viewer.places if place.code == code]
    if not chosen:
        raise Refused("Choose one of your facilities.", field="code")
    with begin(viewer) as work:
        work.write("user_session", "update user_session set facility_id = %s where id = %s",
                   [chosen[0].id, viewer.session_id])  # fmt: skip
        work.record(FacilityChosen(user_id=viewer.user_id, facility_id=chosen[0].id))
