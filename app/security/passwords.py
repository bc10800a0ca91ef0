"""Passwords as Argon2id hashes (OWASP parameters), and what makes one too weak (NIST SP 800-63B-4, 3.1.1)."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.kernel.refusal import Refused

SHORTEST = 12  # NIST asks for 15 when the password is the only factor; a second factor is a facility setting
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("a password that nobody has")
_COMMON = frozenset(
    [
        "password",
        "passw0rd",
        "qwerty",
        "letmein",
        "welcome",
        "administrator",
        "hospital",
        "daybook",
        "changeme",
        "iloveyou",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "dragon",
        "monkey",
        "shadow",
        "master",
        "superman",
        "trustno1",
        "abc123",
        "123456",
        "1234567890",
        "0987654321",
    ]
)


def hash_password(password: str) -> str:
    """The hash to store."""
    return _hasher.hash(password)


def verify_password(stored: str, password: str) -> bool:
    """Whether the password fits. Somebody who does not exist takes as long as somebody who does."""
    try:
        return _hasher.verify(stored or _NOBODY, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def refuse_weak(password: str, user_name: str) -> None:
    """Raise Refused, beside the field `password`, for one that is easily guessed. No rules on kinds of characters."""
    plain = password.lower()
    core = plain.strip("0123456789!@#$%^&*.-_ ")
    if len(password) < SHORTEST:
        raise Refused(f"Use at least {SHORTEST} characters. A few unrelated words do well.", field="password")
    if core in _COMMON or plain in _COMMON or len(set(plain)) < 5:
        raise Refused("This password is among the first that are guessed. Use a few unrelated words.", field="password")
    if user_name and user_name.lower() in plain and len(plain) - len(user_name) < 8:
        raise Refused("The password must not be built on the user name.", field="password")
