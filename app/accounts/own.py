"""What a person does with the own account: password, second factor, keys. Each leaves an event."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, Field
from sqlmodel import select

from app.accounts.signing import count_failure, end_sessions
from app.kernel.events import Event
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin
from app.security.models import User
from app.security.passwords import hash_password, refuse_weak, verify_password
from app.security.totp import matching_step, offered_secret
from app.security.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A person has another password: chosen by the person, or a temporary one set by an administrator."""

    name: ClassVar[str] = "password.changed"
    user_id: uuid.UUID
    user_name: str
    temporary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorEnrolled(Event):
    """A person proved an authenticator; it replaces the one before."""

    name: ClassVar[str] = "second_factor.enrolled"
    user_id: uuid.UUID
    user_name: str
    replaced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysSwitched(Event):
    """Single-letter keys were switched on or off."""

    name: ClassVar[str] = "keys.switched"
    user_id: uuid.UUID
    single_keys: bool


class ChangePassword(BaseModel):
    """A new password, typed twice, with the present one."""

    current: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=200)
    again: str = Field(min_length=1, max_length=200)


class EnrolSecondFactor(BaseModel):
    """The first code of a new authenticator; the password too, where one is replaced."""

    code: str = Field(min_length=1, max_length=20)
    password: str = Field(default="", max_length=200)


class SwitchKeys(BaseModel):
    """Whether single letters act as keys."""

    single_keys: bool = False


def _own(work: Work, viewer: Viewer) -> User:
    user = work.session.exec(select(User).where(User.id == viewer.user_id).with_for_update()).first()
    if user is None:
        raise NotFound("Your account was removed.")
    return user


def _password_fits(work: Work, user: User, viewer: Viewer, password: str) -> str | None:
    """None when it fits, else a sentence: a stolen session must not be able to guess the password at will."""
    if user.locked_until is not None and user.locked_until > work.now:
        return "Too many failed attempts. Wait a few minutes, then try again."
    if verify_password(user.password_hash, password):
        return None
    return count_failure(work, user, viewer.address, "password") or "This is not your present password."


def change_password(viewer: Viewer, ask: ChangePassword) -> None:
    """Set one's own password and end all other sessions. Refused beside the field that is wrong."""
    if ask.password != ask.again:
        raise Refused("The two new passwords differ.", field="again")
    if ask.password == ask.current:
        raise Refused("Choose another password than the present one.", field="password")
    refuse_weak(ask.password, viewer.name)
    with begin(viewer) as work:
        user = _own(work, viewer)
        refusal = _password_fits(work, user, viewer, ask.current)
        if refusal is None:
            set_password(work, user, ask.password, temporary=False)
            end_sessions(work, user, "password changed", but=viewer.session_id)
    if refusal is not None:
        raise Refused(refusal, field="current")


def set_password(work: Work, user: User, password: str, *, temporary: bool) -> None:
    """Store a password; failed attempts before it no longer count."""
    user.password_hash = hash_password(password)
    user.password_changed_at = work.now
    user.must_change_password = temporary
    user.failed_attempts, user.locked_until = 0, None
    work.add(user)
    work.record(PasswordChanged(user_id=user.id, user_name=user.name, temporary=temporary))


def secret_for(viewer: Viewer, session_cookie: str, replaces: str) -> str:
    """The secret offered to this session; `replaces` is when the present one was proven, or empty."""
    return offered_secret(session_cookie, f"{viewer.user_id} {replaces}")


def enrol_second_factor(viewer: Viewer, session_cookie: str, ask: EnrolSecondFactor) -> None:
    """Take the offered secret into use once its first code is right. Refused beside the field that is wrong."""
    with begin(viewer) as work:
        user = _own(work, viewer)
        replaces = user.totp_confirmed_at.isoformat() if user.totp_confirmed_at else ""
        refusal, field = None, "code"
        if replaces:
            refusal, field = _password_fits(work, user, viewer, ask.password), "password"
        secret = secret_for(viewer, session_cookie, replaces)
        step = matching_step(secret, ask.code, work.now, 0)
        if refusal is None and step is None:
            refusal, field = "This code is not right. Wait for the next one, and check the clock of the device.", "code"
        elif refusal is None and step is not None:
            user.totp_secret, user.totp_confirmed_at, user.totp_last_step = secret, work.now, step
            work.record(SecondFactorEnrolled(user_id=user.id, user_name=user.name, replaced=bool(replaces)))
    if refusal is not None:
        raise Refused(refusal, field=field)


def switch_keys(viewer: Viewer, ask: SwitchKeys) -> None:
    """Switch single-letter keys on or off."""
    with begin(viewer) as work:
        user = _own(work, viewer)
        user.single_keys = ask.single_keys
        work.record(KeysSwitched(user_id=user.id, single_keys=ask.single_keys))
