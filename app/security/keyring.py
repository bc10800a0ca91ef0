"""Keys that seal columns: their file, and AES-256-GCM (NIST SP 800-38D) with the key's name in the sealed bytes.

The file holds one key a line in Base64, lines with # are remarks. The first key seals, every key opens: so a key can be
replaced while what the older one sealed is still there.
"""

import base64
import binascii
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.kernel.refusal import Refused

FORM = b"\x01"
KEY_BYTES, NAME_BYTES, NONCE_BYTES, TAG_BYTES = 32, 4, 12, 16
_HEAD = len(FORM) + NAME_BYTES + NONCE_BYTES
_REMARK = "# Keys that seal secrets of Daybook. The first seals, all open. Keep this file apart from the database.\n"


class CannotOpen(Refused):
    """Sealed bytes cannot be opened here: another key sealed them, or somebody changed them."""


class NoKey(Refused):
    """The keys are missing, unreadable, or not those of this database. The sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of 256 random bits. Its name follows from it and tells nothing of it."""

    secret: bytes = field(repr=False)

    @property
    def name(self) -> bytes:
        return hashlib.sha256(b"daybook key name" + self.secret).digest()[:NAME_BYTES]


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of an installation; the first one seals."""

    keys: tuple[Key, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all keys as text, the sealing one first."""
        return tuple(key.name.hex() for key in self.keys)

    def seal(self, plain: bytes, purpose: str) -> bytes:
        """Encrypt. What is sealed for one purpose opens for no other: name the row it belongs to in `purpose`."""
        key, nonce = self.keys[0], secrets.token_bytes(NONCE_BYTES)
        head = FORM + key.name
        return head + nonce + AESGCM(key.secret).encrypt(nonce, plain, head + purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Decrypt. CannotOpen without the key, and for bytes that were changed or sealed for another purpose."""
        key = self._key_of(sealed)
        nonce, body = sealed[_HEAD - NONCE_BYTES : _HEAD], sealed[_HEAD:]
        try:
            return AESGCM(key.secret).decrypt(nonce, body, FORM + key.name + purpose.encode())
        except InvalidTag:
            raise CannotOpen("A sealed secret was changed in the database or belongs elsewhere.") from None

    def _key_of(self, sealed: bytes) -> Key:
        if len(sealed) < _HEAD + TAG_BYTES or sealed[:1] != FORM:
            raise CannotOpen("A sealed secret in the database is damaged.")
        for key in self.keys:
            if key.name == name_in(sealed):
                return key
        raise CannotOpen(
            f"A secret was sealed with key {name_in(sealed).hex()}, which this machine does not hold. Put the file of"
            " keys of this database in place."
        )


def name_in(sealed: bytes) -> bytes:
    """The name of the key that sealed these bytes."""
    return sealed[len(FORM) : len(FORM) + NAME_BYTES]


def read_keys(path: Path) -> Keyring | None:
    """The keys of a file, None where there is no file. NoKey when it cannot be read or a line of it is no key."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise NoKey(f"The file of keys {path} cannot be read. Check its owner and its rights.") from None
    found = [_key(line.strip(), path, number) for number, line in enumerate(lines, 1) if _is_key(line)]
    if not found:
        raise NoKey(f"The file of keys {path} holds no key. Put back the one that was kept.")
    return Keyring(tuple(found))


def _is_key(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _key(text: str, path: Path, number: int) -> Key:
    try:
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise NoKey(f"Line {number} of the file of keys {path} is no key. Put back the file that was kept.")
    return Key(secret)


def make_keys(path: Path) -> Keyring:
    """Make the first key in a new file that only its owner may read. Of several that try at once all get the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Keyring((Key(secrets.token_bytes(KEY_BYTES)),))
    part = _written(path, made)
    try:
        os.link(part, path)  # unlike a renaming, it never takes the place of a file that came meanwhile
    except FileExistsError:
        present = read_keys(path)
        assert present is not None
        return present
    finally:
        part.unlink()
    return made


def add_key(path: Path, present: Keyring) -> Keyring:
    """Put a new key before the present ones: it seals from now on. The file is replaced in one step."""
    made = Keyring((Key(secrets.token_bytes(KEY_BYTES)), *present.keys))
    _written(path, made).replace(path)
    return made


def keep_first(path: Path, present: Keyring) -> Keyring:
    """Take all keys but the sealing one out of the file."""
    kept = Keyring(present.keys[:1])
    _written(path, kept).replace(path)
    return kept


def _written(path: Path, ring: Keyring) -> Path:
    part = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(_REMARK + "".join(base64.b64encode(key.secret).decode() + "\n" for key in ring.keys))
        file.flush()
        os.fsync(file.fileno())
    return part
