"""One request, made wrong on purpose, and what every answer must keep to."""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import Any
from urllib.parse import quote, unquote

import httpx

from app.main import HEADERS
from app.security.permissions import Permission
from app.web.routes import SAFE
from tests.fuzz.forms import Taken, by_code, on_page
from tests.fuzz.house import HIDDEN_NAME, OPENING, House, Person
from tests.fuzz.oddities import ODD_KEYS, ODD_TEXTS, USUAL_NAMES, odd, pair, twisted
from tests.support.client import check_page

SECONDS = 30.0  # far beyond what a page takes on a busy machine; a way to keep the program busy takes longer
READ_WHOLE = 0.04  # of all pages; to read one as a tree costs ten times what it costs to make it
STRICTER = {"referrer-policy": "no-referrer"}  # pages whose address is the key to them
INSIDES = re.compile(
    r"Traceback \(most recent|psycopg\.|sqlalchemy\.|pydantic|minijinja|syntax error at or near|UndefinedTable"
    r"|\bselect [a-z_.*, ]+ from [a-z_]+ where\b|\.py\", line \d"
)
RUNNING = re.compile(r"<script>zq9|<img src=zq9")
WRITES = "/sign-in", "/sign-out", "/account/sessions", "/set-up", "/account/password", "/account/second-factor"
FILES: Sequence[tuple[str, bytes]] = (
    ("a.csv", b"a,b\n1,2\n"), ("../../x.csv", b"\xff\xfe\x00a"), ("x.html", b"<script>zq9()</script>"),
    ("x.pdf", b"%PDF-1.7 broken"), ("x.xlsx", b"PK\x03\x04broken"), ("x.json", b"[" * 100_000), ("", b""),
    ("x.svg", b"<svg onload=zq9()>"), ("x.835", b"ISA*00*" + b"*" * 200), ("\u202exslx.csv", b"MRN\n=cmd()\n"),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A request as it was sent: enough to send it again."""

    person: Person
    method: str
    address: str
    template: str
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        who = self.person.name or "nobody"
        return f"{who}: {self.method} {self.address[:300]} {dict(self.headers)} {self.body[:400]!r}"


class Faults(logging.Handler):
    """Where in our code a request failed: files and lines from the log of errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the last one."""
        self.last = f"{getattr(record, 'kind', '')} at {getattr(record, 'where', '')}"


@contextmanager
def told() -> Iterator[Faults]:
    """What the program logs of its own faults while this lasts."""
    handler, log = Faults(), logging.getLogger("app.web.errors")
    log.addHandler(handler)
    try:
        yield handler
    finally:
        log.removeHandler(handler)


class Walk:
    """Sends cases and gathers what is wrong, one line for each route and fault."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.random = Random(seed)
        self.wrong: dict[tuple[str, str], str] = {}
        self.sent = 0
        self.through = 0
        self._changes = house.changes()
        self._taken: dict[tuple[str, str], Taken] = {}
        self._learned: dict[str, dict[str, list[str]]] = {}
        self._patterns = [
            (re.compile("^" + re.sub(r"{\w+:\w+}", "[^/]+", path) + "$"), path)
            for method, path, _needed, _handler in house.routes()
            if method == "POST"
        ]

    def taken(self, method: str, path: str, handler: Any) -> Taken:
        """What the route takes, by its code and by the pages seen so far."""
        found = self._taken.get((method, path))
        if found is None:
            found = self._taken[method, path] = by_code(handler)
        return found

    def learn(self, text: str) -> None:
        """Forms of a page say what their routes take."""
        for action, fields in on_page(text):
            for pattern, path in self._patterns:
                if pattern.match(action):
                    known = self._learned.setdefault(path, {})
                    for name, values in fields.items():
                        known[name] = list(dict.fromkeys([*known.get(name, []), *values]))[:12]
                    break

    def address(self, path: str, sound: bool) -> str:
        """The pattern with keys of real records, or with keys that are none."""
        parts = []
        for part in path.split("/"):
            if not part.startswith("{"):
                parts.append(part)
                continue
            name = part.strip("{}").partition(":")[0]
            key = self.house.keys.get(name, "nothing")
            if name in ("stay_id", "encounter_id") and self.random.random() < 0.15 and not path.endswith(OPENING):
                key = self.house.hidden
            if not sound and self.random.random() < 0.6:
                key = self.random.choice([*ODD_KEYS, *self.house.keys.values()])
                key = quote(key, safe="%.-_") if not key.isascii() or "/" in key else key
                if self.house.hidden in key and path.endswith(OPENING):
                    key = "nothing"
            parts.append(key)
        return "/".join(parts)

    def query(self, taken: Taken) -> str:
        """Nothing, odd values for what the route asks, unknown names, doubled ones, far too much."""
        names = [*taken.query, *taken.fields] or list(USUAL_NAMES)
        draw = self.random.random()
        if draw < 0.25:
            return ""
        if draw < 0.28:
            return "q=" + "a" * 60_000
        if draw < 0.31:
            return self.random.choice(["%", "&&=&", "%zz=%", "a" * 3000, "=", "?", "%00", ";;", "q=%ff", "as-of=%ff"])
        picked = [self.random.choice(names) for _ in range(self.random.randint(1, 4))]
        if self.random.random() < 0.2:
            picked.append(self.random.choice(USUAL_NAMES))
        return "&".join(pair(name, odd(self.random)) for name in picked)

    def form(self, path: str, taken: Taken, sound: bool) -> list[tuple[str, bytes]]:
        """A form that a person could send, then made wrong."""
        known = {**taken.fields, **self._learned.get(path, {})}
        fields = [(name, self.random.choice(values)) for name, values in known.items() if values]
        if sound:
            return [(name, value.encode()) for name, value in fields]
        return twisted(self.random, fields)

    def case(self, person: Person, route: Any) -> Case:
        """A request of this person for this route."""
        method, path, _needed, handler = route
        random, taken = self.random, self.taken(method, path, handler)
        address = self.address(path, sound=random.random() < 0.75)
        headers: list[tuple[str, str]] = []
        if random.random() < 0.5:
            headers += [("HX-Request", "true"), ("HX-Request-Type", random.choice(["partial", "full"]))]
            if random.random() < 0.3:
                odd_text = random.choice([text for text in ODD_TEXTS if text.isascii() and text.isprintable()])
                headers.append((random.choice(["HX-Target", "HX-Current-URL", "HX-Trigger", "Referer"]), odd_text))
        if random.random() < 0.04:
            method = random.choice(["PUT", "DELETE", "PATCH", "HEAD", "TRACE", "OPTIONS", "GET", "POST", "ZQ"])
        if method in SAFE or method not in ("POST", "PUT", "PATCH", "DELETE"):
            query = self.query(taken)
            return Case(person, method, address + (f"?{query}" if query else ""), path, headers=tuple(headers))
        fields = self.form(path, taken, sound=random.random() < 0.25)
        wrong = random.random() < 0.06
        if not wrong:
            fields = [("_csrf_token", self.house.token(person).encode()), *fields]
        if random.random() < 0.1:
            address += "?" + self.query(taken)
        body, kind = self.body(fields, taken.files)
        if random.random() < 0.03:
            kind = random.choice(["application/json", "text/plain", "multipart/form-data", "x", ""])
        if random.random() < 0.05:
            headers.append(("X-HTTP-Method-Override", "DELETE"))
        return Case(person, method, address, path, body, (*headers, ("Content-Type", kind)))

    def body(self, fields: Sequence[tuple[str, bytes]], files: set[str]) -> tuple[bytes, str]:
        """The form as bytes; with files as parts."""
        if not files and self.random.random() < 0.9:
            return "&".join(pair(name, value) for name, value in fields).encode(), "application/x-www-form-urlencoded"
        parts = [
            b'--zq9\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
            for name, value in fields
        ]
        for name in files:
            file, content = self.random.choice(FILES)
            parts.append(
                b'--zq9\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
                b"Content-Type: text/csv\r\n\r\n%s\r\n" % (name.encode(), file.encode(), content)
            )
        return b"".join(parts) + b"--zq9--\r\n", "multipart/form-data; boundary=zq9"

    def send(self, case: Case, faults: Faults) -> httpx.Response | None:
        """Send it and look at the answer; None for an address that the client itself cannot write."""
        house, person = self.house, case.person
        before = self._changes
        house.client.cookies.clear()
        headers = dict(case.headers)
        if person.cookie:
            headers["cookie"] = f"daybook={person.cookie}"
        faults.last, begun = "", perf_counter()
        try:
            answer = house.client.request(
                case.method, case.address, content=case.body or None, headers=headers, follow_redirects=False
            )
        except (httpx.InvalidURL, UnicodeEncodeError):
            return None
        self.sent += 1
        self.through += answer.status_code < 400
        for what in self.faults(case, answer, perf_counter() - begun, faults):
            self.note(case, what)
        self._changes = house.changes()
        changed = self._changes - before
        if changed and (answer.status_code >= 400 or case.method in SAFE) and not case.template.startswith(WRITES):
            self.note(case, f"{answer.status_code} changed {changed} rows")
        if person.role and answer.status_code in (200, 303) and self._signed_out(answer):
            house.sign_in(person)
        return answer

    def note(self, case: Case, what: str) -> None:
        """Keep the first example of each fault."""
        self.wrong.setdefault((f"{case.method} {case.template}", what), str(case))

    @staticmethod
    def _signed_out(answer: httpx.Response) -> bool:
        where = answer.headers.get("location", answer.headers.get("hx-redirect", ""))
        return where.startswith(("/sign-in", "/account/password", "/account/second-factor"))

    def faults(self, case: Case, answer: httpx.Response, seconds: float, faults: Faults) -> Iterator[str]:
        """All that is wrong with an answer."""
        if answer.status_code >= 500 and not (case.template == "/readyz" and answer.status_code == 503):
            yield f"{answer.status_code} {faults.last}"
        if seconds > SECONDS:
            yield f"took longer than {SECONDS:.0f} seconds"
        missing = [
            name for name, value in HEADERS.items() if answer.headers.get(name) not in (value, STRICTER.get(name))
        ]
        if missing:
            yield f"lacks {missing}"
        spoken = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
        if "zq9=1" in str(answer.headers.get_list("set-cookie")):
            yield "lets a header be planted"
        where = answer.headers.get("location", answer.headers.get("hx-redirect", "/"))
        if not where.startswith("/") or where.startswith(("//", "/\\")):
            yield f"leads to another site: {where[:80]}"
        for cookie in answer.headers.get_list("set-cookie"):
            if "httponly" not in cookie.lower() or "samesite" not in cookie.lower():
                yield "sets a cookie without its flags"
        kind = answer.headers.get("content-type", "")
        text = answer.text if kind.startswith(("text/", "application/json")) else ""
        sent = unquote(case.address) + unquote(case.body.decode("utf-8", "replace").replace("+", " "))
        for mark in case.person.forbidden:
            if mark in text + spoken and mark not in sent and not self._by_right(case.person, mark):
                yield f"shows {mark}"
        if text:
            yield from self._text_faults(case, answer, kind, text)

    def _by_right(self, person: Person, mark: str) -> bool:
        """A person who broke the glass sees what it hid."""
        if mark != HIDDEN_NAME or person.foreign or person.role is None:
            return False
        opened = self.house.world.owner.execute(
            "select 1 from stay_access where user_id = %s limit 1", (self.house.world.user[person.name],)
        ).fetchone()
        return opened is not None

    def _text_faults(self, case: Case, answer: httpx.Response, kind: str, text: str) -> Iterator[str]:
        found = INSIDES.search(text)
        if found and found[0] not in case.address:
            yield f"shows insides: {found[0][:60]}"
        if kind.startswith("text/csv") and re.search(r'(^|[,;\n])"?=cmd', text):
            yield "a cell begins a formula"
        if not kind.startswith("text/html"):
            return
        if RUNNING.search(text):
            yield "script of a visitor would run"
        if answer.status_code >= 400 and not re.search(r"[A-Za-z ]{12,}\.", text):
            yield f"{answer.status_code} without a sentence"
        if "<!doctype html>" in text[:40].lower() and self.random.random() < READ_WHOLE:
            try:
                check_page(re.sub(r"[0-9a-f]{128}", "token", text))
            except AssertionError as error:
                yield f"unsound page: {error}"


def permitted(house: House, needed: Permission, *, foreign: bool) -> list[Person]:
    """Who holds it, here or in the other hospital."""
    return [person for person in house.people if person.role and person.foreign is foreign and person.may(needed)]
