"""What a house keeps beside its census comes back with a restore: papers byte for byte, codes with the keys."""

import html
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pyotp
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.accounts.factors.recovery import make_codes
from app.accounts.factors.seeds import keep_seed
from app.accounts.own import set_password
from app.cli import run
from app.main import furnish
from app.notices.paper_pages import attach_scan
from app.notices.queries import version
from app.platform import seal, work
from app.platform.db import open_engine
from app.platform.now import now
from app.platform.postgres import Addresses
from app.platform.work import begin, everywhere
from app.security import sealed
from app.security.models import User
from app.security.permissions import Permission
from app.security.totp import step_at
from app.settings import Settings
from tests.discharge.departure.support import known, made
from tests.notices.support import ADMITTED, FIRST, deliver, tell
from tests.platform.test_backup import empty, key, replace_world, use
from tests.support.census_files import line, take_bytes, written
from tests.support.client import Browser
from tests.support.world import PASSWORD, World

__all__ = ["empty", "key"]

SEED = pyotp.random_base32()
PAPER = b"%PDF-1.7 signed\r\n" + bytes(range(256)) * 40 + b"\x00\xff\\x27"
BYTES = (
    "select c.relname::text, a.attname::text from pg_attribute a join pg_class c on c.oid = a.attrelid"
    " where c.relnamespace = to_regnamespace('public') and c.relkind = 'r' and a.atttypid = 'bytea'::regtype"
    " and not a.attisdropped and c.relname <> 'user_session' order by 1, 2"
)


@dataclass
class Kept:
    """A backup of a house with papers and second factors, and the file of keys that was kept apart from it."""

    file: Path
    key: Path
    keys: Path
    scan: uuid.UUID
    recovery: str

    def restored(self, capsys: pytest.CaptureFixture[str]) -> str:
        """Put it back where the environment points to; what the command said."""
        capsys.readouterr()
        assert run(["restore", str(self.file), "--key", str(self.key)]) == 0
        return capsys.readouterr().err


def papers(url: str) -> dict[str, list[bytes]]:
    """Everything that tables keep as bytes, by table and column."""
    with psycopg.connect(url) as owner:
        return {
            f"{table}.{column}": [
                bytes(row[0])
                for row in owner.execute(f"select {column} from {table} where {column} is not null order by 1")  # type: ignore[arg-type]
            ]
            for table, column in owner.execute(BYTES).fetchall()  # type: ignore[arg-type]
        }


@pytest.fixture
def house(world: World, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    """A house where somebody attached, released and imported something, and Dana signs in with codes."""
    home = tmp_path / "first"
    use(world.addresses, home, monkeypatch)
    sealed.use(home / "secret-keys")
    stay = tell(world, ADMITTED)
    delivery = deliver(world, stay, **FIRST)
    with begin(world.viewer("dana").acting(Permission.NOTICE_DELIVER)) as doing:
        scan = attach_scan(doing, version(doing, delivery.delivery_id), PAPER).id
    known(world, stay)
    made(world, stay)
    take_bytes(world, written([line("V900")]))
    with begin(everywhere("test")) as doing:
        user = doing.get(User, world.user["dana"])
        keep_seed(user, SEED)
        user.totp_confirmed_at = doing.now
        set_password(doing, user, PASSWORD, temporary=False)
        recovery = make_codes(doing, user)[0]
    seal.seal_what_is_final()
    world.close()
    work.engine().dispose()
    file = tmp_path / "house.backup"
    assert run(["backup", str(file), "--key", str(key)]) == 0
    return Kept(file, key, home / "secret-keys", scan, recovery)


@contextmanager
def opened(built: Litestar, world: World, addresses: Addresses, keys: Path) -> Iterator[Callable[..., Browser]]:
    """Browsers of the restored house, as a machine serves it that has this file of keys or lacks it."""
    there = replace_world(world, addresses)
    engine = open_engine(addresses.app, size=3)
    work.connect(engine)
    sealed.use(keys)
    settings = Settings(home=keys.parent, secure_cookies=False, secret_key_file=keys, requests_per_minute=0)
    try:
        with TestClient(furnish(built, settings, addresses), base_url="http://testserver.local") as client:
            yield lambda name="": Browser(client, there, name)
    finally:
        engine.dispose()
        there.close()


def filled(browser: Browser, page: str, path: str, **said: str) -> httpx.Response:
    """Fill in the form of a page, hidden fields included."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    return browser.post(path, {name: html.unescape(value) for name, value in hidden.items()} | said)


def test_papers_come_back_byte_for_byte_and_a_code_is_taken_where_the_keys_were_kept(
    house: Kept, world: World, empty: Addresses, built: Litestar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    before = papers(world.addresses.owner)
    assert before["notice_scan.content"] == [PAPER] and before["handoff_packet.document"] != [b""]
    assert len([name for name, found in before.items() if found]) > 8, "too little to say anything"
    second = tmp_path / "second"
    second.mkdir()
    shutil.copy(house.keys, second / "secret-keys")
    use(empty, second, monkeypatch)

    said = house.restored(capsys)

    after = papers(empty.owner)
    grown = {name for name, found in after.items() if found != before[name]}
    assert grown == set()
    assert re.search(r"ok +sealed secrets: Key \w+ seals", said)
    with opened(built, world, empty, second / "secret-keys") as browser_for:
        assert browser_for("dana").get(f"/scans/{house.scan}").content == PAPER
        visitor = browser_for()
        asked = filled(visitor, visitor.get("/sign-in").text, "/sign-in", name="dana", password=PASSWORD)
        code = pyotp.TOTP(SEED).generate_otp(step_at(now()))
        assert filled(visitor, asked.text, "/sign-in/code", code=code).status_code == 303
        assert visitor.get("/account").status_code == 200


def test_without_the_keys_the_restore_says_so_codes_get_a_sentence_and_recovery_codes_are_good(
    house: Kept, world: World, empty: Addresses, built: Litestar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    use(empty, tmp_path / "second", monkeypatch)
    keys = tmp_path / "second" / "secret-keys"

    said = house.restored(capsys)

    assert f"FAIL  sealed secrets: The file of keys {keys} is missing: copy it from where it was kept." in said
    with opened(built, world, empty, keys) as browser_for:
        visitor = browser_for()
        asked = filled(visitor, visitor.get("/sign-in").text, "/sign-in", name="dana", password=PASSWORD)
        code = pyotp.TOTP(SEED).generate_otp(step_at(now()))
        refused = filled(visitor, asked.text, "/sign-in/code", code=code)
        assert refused.status_code == 422 and "is missing on this machine" in refused.text
        assert filled(visitor, asked.text, "/sign-in/code", code=house.recovery).status_code == 303
    assert not keys.exists(), "a machine that lost its keys makes no others"


def test_a_changed_trail_is_named_and_not_restored(
    house: Kept, key: Path, world: World, empty: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):  # fmt: skip
    with psycopg.connect(world.addresses.owner) as owner:
        owner.execute("alter table audit_event disable trigger user")
        owner.execute("update audit_event set actor = 'nobody' where id = (select min(id) + 2 from audit_event)")
    changed = tmp_path / "changed.backup"
    assert run(["backup", str(changed), "--key", str(key)]) == 0
    use(empty, tmp_path / "second", monkeypatch)
    capsys.readouterr()

    assert run(["restore", str(changed), "--key", str(key)]) == 1

    said = capsys.readouterr().err
    assert re.search(r"was changed\. Seal 1 does not fit: in audit_event 1 to \d+ a row was changed or moved\.", said)
    with psycopg.connect(empty.owner) as owner:
        assert owner.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
