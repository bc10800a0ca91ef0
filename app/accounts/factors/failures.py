"""Failures of proving who one is: counted by account and by address, and how long one waits after them.

A wrong code, a wrong password and a wrong proof at the door of a protected stay count alike (NIST SP 800-63B-4, 3.2.2).
"""

import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from app.kernel.events import Event
from app.platform.work import Work
from app.security.lockout import UNTIL_RELEASED, address_waits_until, locked_until, remembered
from app.security.models import User

ATTEMPTS = "select failed, last_at from sign_in_attempt where address = %s"


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


def count_failure(work: Work, user: User, address: str, step: str) -> str | None:
    """Count a failed attempt on a locked row; returns the sentence about waiting, if one has to wait now."""
    user.failed_attempts += 1
    user.locked_until = locked_until(user.failed_attempts, work.now)
    count(work, address, decays=True)
    work.record(SignInFailed(user_id=user.id, user_name=user.name, address=address, step=step))
    if user.locked_until is None:
        return None
    work.record(UserLocked(user_id=user.id, user_name=user.name, until=user.locked_until))
    return wait_sentence(user.locked_until, work.now)


def address_waits(work: Work, address: str) -> datetime | None:
    """When an address may try again; None for at once."""
    row = work.connection.execute(ATTEMPTS, [address]).fetchone()
    if row is None:
        return None
    until = address_waits_until(remembered(row[0], row[1], work.now), row[1])
    return until if until is not None and until > work.now else None


def count(work: Work, key: str, *, decays: bool) -> int:
    """Count one more failure under a key, and forget the keys of days gone by."""
    table = "sign_in_attempt"
    work.write(table, "insert into sign_in_attempt (address, failed, last_at) values (%s, 0, %s)"
               " on conflict do nothing", [key, work.now])  # fmt: skip
    found = work.connection.execute(ATTEMPTS + " for update", [key])
    failed, last_at = found.fetchone() or (0, work.now)
    failed = (remembered(failed, last_at, work.now) if decays else failed) + 1
    work.write(table, "update sign_in_attempt set failed = %s, last_at = %s where address = %s",
               [failed, work.now, key])  # fmt: skip
    work.write(table, "delete from sign_in_attempt where address in (select address from sign_in_attempt"
               " where last_at < %s for update skip locked)", [work.now - timedelta(days=2)])  # fmt: skip
    return int(failed)


def wait_sentence(until: datetime, at: datetime) -> str:
    """How long to wait, in words."""
    if until >= UNTIL_RELEASED:
        return "Too many failed attempts. An administrator can open this account again with a new password."
    seconds = max(1, math.ceil((until - at).total_seconds()))
    minutes = math.ceil(seconds / 60)
    span = f"{seconds} seconds" if seconds < 60 else "1 minute" if minutes == 1 else f"{minutes} minutes"
    return f"Too many failed attempts. Wait {span}, then try again."
