"""What a person does with the own account: password, second factor, keys. Each leaves an event."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, Field
from sqlmodel import select

from app.accounts.factors.choosing import chooser_of
from app.accounts.factors.failures import count_failure
from app.accounts.factors.proofs import ask_again
from app.accounts.factors.recovery import make_codes
from app.accounts.factors.seeds import keep_seed
from app.accounts.signing import end_sessions, renew_cookie
from app.kernel.events import Event
from app.kernel.refusal import NotFound, Refused
from app.platform.work import Work, begin, reading
from app.security.models import User
from app.security.passwords import LONGEST, Chooser, hash_password, refuse_weak, strength, verify_password
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

    current: str = Field(min_length=1, max_length=LONGEST)
    password: str = Field(min_length=1, max_length=LONGEST)
    again: str = Field(min_length=1, max_length=LONGEST)


class EnrolSecondFactor(BaseModel):
    """The first code of a new authenticator; the password too, where one is replaced."""

    code: str = Field(min_length=1, max_length=20)
    password: str = Field(default="", max_length=LONGEST)


class SwitchKeys(BaseModel):
    """Whether single letters act as keys."""

    single_keys: bool = False


def own_measure(viewer: Viewer) -> Chooser:
    """What this person's password is measured against."""
    with reading(viewer) as view:
        return chooser_of(view, (viewer.name, viewer.display_name), viewer.user_id)


def own_strength(viewer: Viewer, password: str) -> str:
    """How a password that this person thinks of would stand, in words."""
    return strength(password[: LONGEST + 1], own_measure(viewer))


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


def change_password(viewer: Viewer, ask: ChangePassword) -> str:
    """Set one's own password and end all other sessions. Returns the new cookie of this one.

    Refused beside the field that is wrong.
    """
    token = ""
    if ask.password != ask.again:
        raise Refused("The two new passwords differ.", field="again")
    if ask.password == ask.current:
        raise Refused("Choose another password than the present one.", field="password")
    refuse_weak(ask.password, own_measure(viewer))
    with begin(viewer) as work:
        user = _own(work, viewer)
        refusal = _password_fits(work, user, viewer, ask.current)
        if refusal is None:
            set_password(work, user, ask.password, temporary=False)
            end_sessions(work, user, "password changed", but=viewer.session_id)
            token = renew_cookie(work, viewer.session_id)
    if refusal is not None:
        raise Refused(refusal, field="current")
    return token


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


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The second factor stands: recovery codes to show once, and the new cookie of this session."""

    codes: list[str]
    token: str


def enrol_second_factor(viewer: Viewer, session_cookie: str, ask: EnrolSecondFactor) -> Enrolled:
    """Take the offered secret into use once its first code is right; all other sessions end.

    Refused beside the field that is wrong.
    """
    enrolled = Enrolled([], "")
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
            keep_seed(user, secret)
            user.totp_confirmed_at, user.totp_last_step = work.now, step
            user.factor_taken_at, user.factor_taken_by = None, ""
            end_sessions(work, user, "second factor set up", but=viewer.session_id)
            enrolled = Enrolled(make_codes(work, user), renew_cookie(work, viewer.session_id))
            work.record(SecondFactorEnrolled(user_id=user.id, user_name=user.name, replaced=bool(replaces)))
    if refusal is not None:
        raise Refused(refusal, field=field)
    return enrolled


def renew_codes(viewer: Viewer, typed: str) -> list[str]:
    """New recovery codes, to be shown once, after proof; the former ones are void. Refused beside `proof`."""
    codes: list[str] = []
    with begin(viewer) as work:
        user = _own(work, viewer)
        if user.totp_confirmed_at is None:
            raise Refused("Set up the second factor first: recovery codes stand in for it.")
        proof, refusal = ask_again(work, viewer, typed)
        if proof:
            codes = make_codes(work, user)
    if refusal:
        raise Refused(refusal, field="proof")
    return codes


def switch_keys(viewer: Viewer, ask: SwitchKeys) -> None:
    """Switch single-letter keys on or off."""
    with begin(viewer) as work:
        user = _own(work, viewer)
        user.single_keys = ask.single_keys
        work.record(KeysSwitched(user_id=user.id, single_keys=ask.single_keys))
