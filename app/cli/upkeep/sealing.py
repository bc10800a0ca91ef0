"""`daybook secrets`: the keys that seal secrets in the database, and what doctor finds about them."""

import click

from app.accounts.factors.seeds import seal_again, unsealed
from app.cli.house import open_house
from app.cli.messages import write_line
from app.kernel.refusal import Refused
from app.platform.doctor import Finding
from app.platform.work import begin, everywhere, reading
from app.security.keyring import Keyring, NoKey, add_key, keep_first, make_keys, read_keys
from app.security.sealed import fits, known_keys, prove
from app.settings import Settings

# Sealed columns: the name of the key stands in bytes 2 to 5. Tokens of the provider are sealed anew by themselves.
_NAMES = (
    "select encode(substring(totp_sealed from 2 for 4), 'hex'), count(*) from app_user where totp_sealed is not null"
    " group by 1 union all select encode(substring(refresh from 2 for 4), 'hex'), count(*) from identity_session"
    " where refresh is not null group by 1"
)


@click.group()
def secrets_command() -> None:
    """Keys that seal secrets in the database: seeds of one-time codes, tokens of the identity provider."""


@secrets_command.command("rotate")
def rotate() -> None:
    """Make a new key, seal everything with it, and keep the older ones for reading.

    Copy the file of keys to every other host right afterwards. When nothing is sealed with the older keys any more,
    `daybook secrets retire` takes them out. Prints {"key", "sealed"}.
    """
    with open_house() as house:
        path = house.settings.secret_keys
        present = read_keys(path)
        if present is None and known_keys():
            raise Refused(f"The file of keys {path} is missing: put back the one that was kept.")
        ring = make_keys(path) if present is None else add_key(path, present)
        with begin(everywhere("sealing")) as work:
            prove(work, ring)
        with begin(everywhere("sealing")) as work:  # to seal asks for the proof of before, in a connection of its own
            sealed = seal_again(work)
    write_line({"key": ring.names[0], "sealed": sealed})
    click.echo(f"Copy {path} to every other host, and to where keys are kept.", err=True)


@secrets_command.command("retire")
def retire() -> None:
    """Take older keys out of the file. Refused while something is still sealed with one of them. Prints {"key"}."""
    with open_house() as house:
        path = house.settings.secret_keys
        ring = read_keys(path)
        if ring is None:
            raise Refused(f"There is no file of keys {path}.")
        older = sum(number for name, number in _in_use() if name != ring.names[0])
        if older:
            raise Refused(
                f"{older} secrets are still sealed with an older key. Run `daybook secrets rotate` for those of people;"
                " those of sessions at the identity provider end with the sessions, within a day."
            )
        keep_first(path, ring)
    write_line({"key": ring.names[0]})


def finding(settings: Settings) -> Finding:
    """Whether this host holds the keys of this database, and whether secrets still lie in the clear."""
    question, path = "sealed secrets", settings.secret_keys
    try:
        ring = read_keys(path)
    except NoKey as refused:
        return Finding(question, False, refused.sentence)
    known = known_keys()
    if ring is None:
        if known:
            return Finding(question, False, f"The file of keys {path} is missing: copy it from where it was kept.")
        return _open(Finding(question, True, "No secret is sealed yet."))
    return _open(_held(question, ring))


def _held(question: str, ring: Keyring) -> Finding:
    known = known_keys()
    if known and not any(fits(ring, one) for one in known):
        return Finding(question, False, "The keys of this machine are not those of this database.")
    strange = sum(number for name, number in _in_use() if name not in ring.names)
    if strange:
        return Finding(question, False, f"{strange} secrets are sealed with a key that this machine does not hold.")
    more = f", and {len(ring.names) - 1} older for reading" if len(ring.names) > 1 else ""
    return Finding(question, True, f"Key {ring.names[0]} seals{more}. Keep its file apart from the database.")


def _open(found: Finding) -> Finding:
    number = unsealed()
    if not found.sound or not number:
        return found
    sentence = f"{number} seeds of one-time codes lie in the clear: start `daybook serve` anew."
    return Finding(found.question, False, sentence)


def _in_use() -> list[tuple[str, int]]:
    with reading(everywhere("sealing")) as view:
        return [(str(row[0]), int(row[1])) for row in view.connection.execute(_NAMES)]
