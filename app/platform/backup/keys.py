"""Keys of backups, in the form of the age program: `age1…` encrypts, `AGE-SECRET-KEY-1…` also opens.

A server needs the public part only. The secret part belongs elsewhere: whoever holds it reads every backup.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pyrage
from pyrage import x25519

from app.kernel.refusal import Refused

_SECRET, _PUBLIC = "AGE-SECRET-KEY-1", "age1"


class BackupImpossible(RuntimeError):
    """Something that backups need is absent on this machine; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Keys:
    """What a key file holds."""

    recipients: tuple[x25519.Recipient, ...]
    identities: tuple[x25519.Identity, ...]


def read_keys(path: Path | None) -> Keys:
    """The keys of a file. BackupImpossible where there is none, Refused where a line of it is no key."""
    if path is None:
        raise BackupImpossible(
            "There is no key for backups. Make one with `daybook backup --new-key FILE`, keep it apart from the"
            " backups, and name it with --key or DAYBOOK_BACKUP_KEY_FILE."
        )
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupImpossible(f"The key file {path} cannot be read.") from error
    recipients: list[x25519.Recipient] = []
    identities: list[x25519.Identity] = []
    for number, line in enumerate((line.strip() for line in lines), 1):
        if not line or line.startswith("#"):
            continue
        try:
            if line.startswith(_SECRET):
                identities.append(x25519.Identity.from_str(line))
            else:
                recipients.append(x25519.Recipient.from_str(line))
        except (pyrage.IdentityError, pyrage.RecipientError):
            raise Refused(
                f"{path}, line {number} is no key: it begins with {_PUBLIC} or {_SECRET}, as `daybook backup --new-key`"
                " writes them."
            ) from None
    recipients += [identity.to_public() for identity in identities]
    if not recipients:
        raise Refused(f"{path} holds no key. Make one with `daybook backup --new-key FILE`.")
    return Keys(tuple(recipients), tuple(identities))


def new_key(path: Path) -> str:
    """Write a new key to a file that only its owner may read. Returns the public part. Refused when the file exists."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{path} exists already. A key is never written over: choose another name.") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(f"# public key: {public}\n{identity}\n")
    return public
