"""Secrets that the program must be able to read again (seeds of one-time codes, tokens of a provider), sealed at rest.

`use` says where the keys lie; they are read when they are first needed. The database keeps a proof of each key: several
hosts on one database need the same file, and a host that lost it must not make another. Source: NIST SP 800-57 part 1
on keeping keys apart from what they protect.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import msgspec

from app.kernel.events import Event
from app.platform.work import Work, begin, everywhere, reading
from app.security.keyring import CannotOpen, Keyring, NoKey, make_keys, read_keys

_PROOF = b"daybook"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKeyKnown(Event):
    """The database learned of a key that seals secrets; `key_name` says nothing of the key itself."""

    name: ClassVar[str] = "sealing_key.known"
    key_name: str


class KnownKey(msgspec.Struct):
    """A key that sealed something in this database."""

    id: uuid.UUID
    name: str
    proof: bytes
    made_at: datetime


@dataclass(slots=True)
class _Keys:
    path: Path | None = None
    ring: Keyring | None = None
    proven: str = ""


_held = _Keys()


def use(path: Path) -> None:
    """Say where the file of keys lies. Nothing is read or made yet."""
    _held.path, _held.ring, _held.proven = path, None, ""


def key_file() -> Path:
    """Where the file of keys lies. NoKey before `use`."""
    if _held.path is None:
        raise NoKey("No file of keys was named.")
    return _held.path


def seal(plain: bytes, purpose: str) -> bytes:
    """Encrypt with the present key; `purpose` names what it is and whose, such as `totp 01998c…`.

    The first key of an installation is made here. NoKey when this machine lost its keys or holds those of another.
    """
    ring = sealing_ring()
    if _held.proven != ring.names[0]:
        with begin(everywhere("sealing")) as work:
            prove(work, ring)
        _held.proven = ring.names[0]
    return ring.seal(plain, purpose)


def open_sealed(sealed: bytes, purpose: str) -> bytes:
    """Decrypt. NoKey without keys; CannotOpen when they do not fit or the bytes were changed."""
    ring = _held.ring or read_keys(key_file())
    if ring is None:
        raise NoKey(_missing(key_file()))
    _held.ring = ring
    try:
        return ring.open(sealed, purpose)
    except CannotOpen:
        fresh = read_keys(key_file())  # another process may have added a key since
        if fresh is None or fresh == ring:
            raise
        _held.ring = fresh
        return fresh.open(sealed, purpose)


def prove(work: Work, ring: Keyring) -> None:
    """Let the database know the sealing key: it keeps a text that only this key opens."""
    name = ring.names[0]
    work.value("select pg_advisory_xact_lock(hashtext('daybook sealing key'))")
    if work.value("select true from sealing_key where name = %s", [name]):
        return
    work.write("sealing_key", "insert into sealing_key (name, proof, made_at) values (%s, %s, %s)",
               [name, ring.seal(_PROOF, _purpose(name)), work.now])  # fmt: skip
    work.record(SealingKeyKnown(key_name=name))


def known_keys() -> list[KnownKey]:
    """Keys that the database has proofs of, the newest first."""
    with reading(everywhere("sealing")) as view:
        return view.rows(KnownKey, "select id, name, proof, made_at from sealing_key order by made_at desc, id desc")


def fits(ring: Keyring, known: KnownKey) -> bool:
    """Whether these keys open what the database keeps as proof of one."""
    try:
        return ring.open(known.proof, _purpose(known.name)) == _PROOF
    except CannotOpen:
        return False


def sealing_ring() -> Keyring:
    """The keys as the file has them now, since another process may have put a new one first.

    The very first is made; where the database knows keys already, one of them must be held. NoKey otherwise.
    """
    path = key_file()
    ring = read_keys(path)
    if ring is not None and _held.proven == ring.names[0]:
        return ring
    known = known_keys()
    if known and ring is None:
        raise NoKey(_missing(path))
    if ring is None:
        ring = make_keys(path)
    elif known and not any(fits(ring, one) for one in known):
        raise NoKey(f"The keys in {path} are not those of this database. Put the right file in place.")
    return ring


def _missing(path: Path) -> str:
    return f"The file of keys {path} is missing on this machine. Copy it from where it was kept, or from another host."


def _purpose(name: str) -> str:
    return f"proof {name}"
