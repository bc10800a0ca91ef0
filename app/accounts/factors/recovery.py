"""Recovery codes: ten, each good once in place of the second factor (NIST SP 800-63B-4, 3.1.2, look-up secrets).

A code has 12 letters and digits, about 59 bits. Below 112 bits the standard asks for a salted password hash: the codes
of one set share a salt, so that a typed one costs one Argon2id and not ten.
"""

import hmac
import secrets
import uuid
from dataclasses import dataclass
from typing import ClassVar

from argon2.low_level import Type, hash_secret_raw
from sqlmodel import col, select

from app.kernel.events import Event
from app.platform.work import Reading, Work
from app.security.models import RecoveryCode, User

COUNT = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no i, l, o, 0, 1: they are misread
_LENGTH, _GROUP = 12, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodesMade(Event):
    """A person got new recovery codes; those of before are void."""

    name: ClassVar[str] = "recovery_codes.made"
    user_id: uuid.UUID
    user_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCodeUsed(Event):
    """A recovery code stood in for the second factor. `left` says how many remain."""

    name: ClassVar[str] = "recovery_code.used"
    user_id: uuid.UUID
    user_name: str
    left: int


def make_codes(work: Work, user: User) -> list[str]:
    """New codes, which are known to nobody after this; the former ones are void."""
    end_codes(work, user, "replaced")
    codes, salt = [_code() for _ in range(COUNT)], secrets.token_bytes(16)
    for code in codes:
        work.add(RecoveryCode(user_id=user.id, salt=salt, digest=_digest(code, salt), made_at=work.now))
    work.record(RecoveryCodesMade(user_id=user.id, user_name=user.name))
    return codes


def end_codes(work: Work, user: User, because: str) -> None:
    """Make all codes of a person void."""
    for row in _standing(work, user):
        row.ended_at, row.ended_because = work.now, because


def redeem(work: Work, user: User, typed: str) -> bool:
    """Whether this is one of the person's codes that still stand; it is used up by that. The user's row is locked."""
    plain = _plain(typed)
    if len(plain) != _LENGTH:
        return False
    standing = _standing(work, user)
    digests = {salt: _digest(plain, salt) for salt in {row.salt for row in standing}}
    fits = [row for row in standing if hmac.compare_digest(row.digest, digests[row.salt])]
    for row in fits:
        row.ended_at, row.ended_because = work.now, "used"
        left = len(standing) - len(fits)
        work.record(RecoveryCodeUsed(user_id=user.id, user_name=user.name, left=left))
    return bool(fits)


def looks_like_one(typed: str) -> bool:
    """Whether somebody means a recovery code: it is longer than the six digits of an authenticator."""
    return len(_plain(typed)) > 8


def codes_left(view: Reading | Work, user_id: uuid.UUID) -> int:
    """How many codes a person can still use."""
    return int(view.value("select count(*) from recovery_code where user_id = %s and ended_at is null", [user_id]))


def _standing(work: Work, user: User) -> list[RecoveryCode]:
    query = select(RecoveryCode).where(RecoveryCode.user_id == user.id, col(RecoveryCode.ended_at).is_(None))
    return list(work.session.exec(query.with_for_update()).all())


def _code() -> str:
    text = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(text[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def _plain(typed: str) -> str:
    return "".join(letter for letter in typed.lower() if letter.isalnum())


def _digest(code: str, salt: bytes) -> bytes:
    return hash_secret_raw(_plain(code).encode(), salt, time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32,
                           type=Type.ID)  # fmt: skip
