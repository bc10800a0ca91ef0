"""Passwords: Argon2id hashes (OWASP parameters), and what makes one too weak (NIST SP 800-63B-4, 3.1.1.2).

Length counts, composition does not. The library zxcvbn compares a password with lists of leaked ones, keyboards, dates
and repetitions, and with the words that everybody here knows: the product, the hospitals, one's own name.
"""

import re
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn  # type: ignore[import-untyped]

from app.kernel.refusal import Refused

SHORTEST_ALONE = 15  # characters, where the password is the only factor
SHORTEST_WITH_FACTOR = 8  # where the facility requires a second factor
LONGEST = 256
_FEWEST_GUESSES = 8.0  # powers of ten: far beyond the hundred failures that an account allows
_OWN_LETTERS = 8  # letters and digits that must be left when all known words are taken out
_LOOKED_AT = 72  # characters: the library's time grows with the square of the length
_PRODUCT = ("daybook", "hospital")
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("a password that nobody has")


@dataclass(frozen=True, slots=True)
class Chooser:
    """Who chooses a password: names that it must not be built on, and whether a second factor is required."""

    names: tuple[str, ...] = ()
    second_factor: bool = False

    @property
    def shortest(self) -> int:
        """The fewest characters."""
        return SHORTEST_WITH_FACTOR if self.second_factor else SHORTEST_ALONE

    @property
    def words(self) -> tuple[str, ...]:
        """Words that anybody would try for this person, the longest first."""
        found = {word for name in (*self.names, *_PRODUCT) for word in re.split(r"[\W_]+", normal(name).lower())}
        whole = {re.sub(r"[\W_]+", "", normal(name).lower()) for name in self.names}
        return tuple(sorted((word for word in found | whole if len(word) > 2), key=lambda word: (-len(word), word)))


def normal(password: str) -> str:
    """The same text from every keyboard: Unicode form NFKC (3.1.1.2). Spaces stay."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """The hash to store."""
    return _hasher.hash(normal(password))


def verify_password(stored: str, password: str) -> bool:
    """Whether the password fits. Somebody who does not exist takes as long as somebody who does."""
    plain = normal(password)
    # Hashes of before passwords were brought to one form fit the text as it was typed.
    return _fits(stored, plain) or (plain != password and _fits(stored, password))


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored or _NOBODY, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def refuse_weak(password: str, chooser: Chooser) -> None:
    """Raise Refused, beside the field `password`, for one that is short, too long or easily guessed."""
    sentence = weakness(password, chooser)
    if sentence:
        raise Refused(sentence, field="password")


def weakness(password: str, chooser: Chooser) -> str:
    """What is wrong with a password and what to do, or the empty text."""
    plain = normal(password)
    if len(plain) < chooser.shortest:
        return f"Use at least {chooser.shortest} characters. A few unrelated words do well."
    if len(plain) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if _own_part(plain, chooser) < min(_OWN_LETTERS, chooser.shortest - 2):
        return "This password is built on names that others know too. Use a few unrelated words."
    guesses, warning = _guessed(plain, chooser)
    if guesses < _FEWEST_GUESSES:
        return f"This password is among the first that are guessed. {warning}Use a few unrelated words."
    return ""


def strength(password: str, chooser: Chooser) -> str:
    """How a password that somebody thinks of would stand, as a sentence."""
    if not password:
        return ""
    wrong = weakness(password, chooser)
    if wrong:
        return wrong
    guesses, _warning = _guessed(normal(password), chooser)
    if guesses < 10:
        return "Good enough. One more word makes it strong."
    return "Strong." if guesses < 14 else "Very strong."


def _own_part(plain: str, chooser: Chooser) -> int:
    """How many letters and digits are left when the words that everybody knows are taken out."""
    left = plain.lower()
    for word in chooser.words:
        left = left.replace(word, "")
    return len(re.sub(r"[\W_]+", "", left)) if left != plain.lower() else len(plain)


def _guessed(plain: str, chooser: Chooser) -> tuple[float, str]:
    """Guesses that it takes, in powers of ten, and a sentence about what makes it easy."""
    found = zxcvbn(plain[:_LOOKED_AT], user_inputs=list(chooser.words), max_length=_LOOKED_AT)
    warning = str(found["feedback"]["warning"]).rstrip(".")
    return float(found["guesses_log10"]), f"{warning}. " if warning else ""
