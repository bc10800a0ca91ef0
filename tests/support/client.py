"""A client that checks every page it fetches: valid HTML, a title that equals the heading, labels, tokens, no leaks."""

import html
import re
from functools import lru_cache
from typing import Any

import html5lib
from httpx import Cookies, Response
from litestar import Litestar
from litestar.testing import TestClient

from app.security.sessions import csrf_token
from tests.support.world import World

# Parser complaints that HTML5 permits or that browsers do not care about.
_ALLOWED: set[str] = set()


class Browser:
    """One person's browser. `get` and `post` check what comes back; `csrf` is put into every form."""

    def __init__(self, shared: TestClient[Litestar], world: World, name: str = "") -> None:
        self._shared = shared
        self._jar = Cookies()
        self.name = name
        self.world = world
        self.csrf = ""
        if name:
            token = world.cookie(name)
            self._jar.set("daybook", token, domain="testserver.local")
            self.csrf = csrf_token(token)

    @property
    def client(self) -> TestClient[Litestar]:
        """The client of the whole test, holding this person's cookies."""
        self._shared._cookies = self._jar
        return self._shared

    def get(self, path: str, *, htmx: bool = False, **more: Any) -> Response:
        """Fetch a page; with `htmx` its piece."""
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"} if htmx else {}
        seen = self._last_disclosure()
        answer = self.client.get(path, headers={**headers, **more.pop("headers", {})}, follow_redirects=False, **more)
        self._check(answer)
        self._check_disclosed(answer, seen)
        return answer

    def post(self, path: str, data: dict[str, Any] | None = None, *, htmx: bool = False, **more: Any) -> Response:
        """Send a form as one of our own pages would."""
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"} if htmx else {}
        seen = self._last_disclosure()
        answer = self.client.post(
            path,
            data={"_csrf_token": self.csrf, **(data or {})},
            headers={**headers, **more.pop("headers", {})},
            follow_redirects=False,
            **more,
        )
        if self.name and (token := answer.cookies.get("daybook")):
            self.csrf = csrf_token(token)  # a change of password or second factor gives the session another cookie
        self._check(answer)
        self._check_disclosed(answer, seen)
        return answer

    def _check(self, answer: Response) -> None:
        assert answer.status_code < 500 or answer.status_code == 503, f"{answer.request.url}: {answer.status_code}"
        if not answer.headers.get("content-type", "").startswith("text/html") or not answer.text:
            return
        assert answer.headers.get("cache-control") == "no-store", "pages must never be kept"
        if "<!doctype html>" in answer.text[:40].lower():
            text = re.sub(r"[0-9a-f]{128}", "token", answer.text)  # each page has its own
            refused = answer.status_code in (403, 404, 405)  # long walks meet these pages again and again
            check_page(text.replace(answer.request.url.path, "/refused") if refused else text)

    def _last_disclosure(self) -> int:
        found = self.world.owner.execute("select coalesce(max(id), 0) from phi_access").fetchone()
        return int(found[0]) if found else 0

    def _check_disclosed(self, answer: Response, seen: int) -> None:
        """Every patient on the page was written down as shown to this person by this very request."""
        text = html.unescape(answer.text)
        patients = self.world.owner.execute("select id, number, family || ', ' || given from patient").fetchall()
        told = self.world.owner.execute(
            "select distinct unnest(patients) from phi_access where id > %s and actor = %s", (seen, self.name)
        ).fetchall()
        disclosed = {row[0] for row in told}
        names = {name for person, _number, name in patients if person in disclosed}  # people may share a name
        hidden = {
            person
            for person, number, name in patients
            if person not in disclosed
            and (
                (name.strip(", ") and name in text and name not in names)
                or re.search(rf"\bMRN {re.escape(number)}\b", text)
            )
        }
        assert not hidden, f"{answer.request.url.path} shows {len(hidden)} patients without saying so (discloses=...)"


@lru_cache(maxsize=64)
def check_page(text: str) -> None:
    """Raise AssertionError for a page that is not sound. A page that was seen before is not read again."""
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    tree = parser.parse(text)
    faults = [fault for fault in parser.errors if fault[1] not in _ALLOWED]
    assert not faults, f"invalid HTML: {[(f[0], f[1], f[2]) for f in faults[:5]]}"
    title = "".join(tree.find(".//title").itertext()).removesuffix(" · Daybook")
    headings = [" ".join("".join(h.itertext()).split()) for h in tree.iter("h1")]
    assert len(headings) == 1, f"one h1 per page, found {headings}"
    assert headings[0] == title or title in headings[0] or headings[0] in title, (
        f"title {title!r}, heading {headings[0]!r}"
    )
    ids = [element.get("id") for element in tree.iter() if isinstance(element.tag, str) and element.get("id")]
    assert len(ids) == len(set(ids)), f"repeated ids: {sorted({i for i in ids if ids.count(i) > 1})[:5]}"
    labelled = {label.get("for") for label in tree.iter("label")}
    wrapped = {id(inner) for label in tree.iter("label") for inner in label.iter()}
    for field in [*tree.iter("input"), *tree.iter("select"), *tree.iter("textarea")]:
        if field.get("type") in ("hidden", "submit", "button"):
            continue
        named = (
            field.get("aria-label")
            or field.get("aria-labelledby")
            or field.get("id") in labelled
            or id(field) in wrapped
        )
        assert named, f"field {field.get('name')!r} has no label"
    for form in tree.iter("form"):
        if (form.get("method") or "get").lower() == "post":
            assert any(i.get("name") == "_csrf_token" for i in form.iter("input")), (
                f"form {form.get('action')} without token"
            )
    for element in tree.iter():
        if isinstance(element.tag, str):
            inline = [name for name in element.attrib if name == "style" or name.startswith("on")]
            assert not inline and not element.tag.endswith("style"), f"inline style or event attribute: {inline}"
    for script in tree.iter("script"):
        assert script.get("src"), "inline script"
