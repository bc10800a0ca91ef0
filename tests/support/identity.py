"""Identity providers for tests: a real one in a process of its own, and a small one whose every answer can be bent."""

import contextlib
import html
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from app.accounts.identity.client import Provider, Registration
from app.accounts.identity.rules import half_hash
from tests.support.canaille_server import CLIENT, SECRET
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
HERE = "http://testserver.local"
WORD = "quiet copper river"


def registered(issuer: str, here: str = HERE, **more: Any) -> Registration:
    """What the settings would say of a provider."""
    usual: dict[str, Any] = {
        "client_id": CLIENT, "client_secret": SECRET, "scopes": "openid profile email groups",
        "groups_claim": "groups", "name_claim": "preferred_username", "label": "Harbor accounts", "hosts": (),
        "methods": ("mfa",), "levels": (),
    }  # fmt: skip
    return Registration(issuer=issuer, here=here, **{**usual, **more})


# --- the real one -----------------------------------------------------------------------------------------------------


@dataclass
class RealProvider:
    """canaille, and what a test may do as its administrator or as a person who signs in there."""

    issuer: str
    process: subprocess.Popen[str]

    def do(self, deed: str, **what: Any) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"do": deed, **what}) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n", "the provider of the tests ended"

    def know(self, name: str, *groups: str) -> None:
        self.do("person", name=name, password=WORD, groups=groups)

    def provider(self, here: str = HERE, **more: Any) -> Provider:
        """Our side of it, which remembers nothing yet."""
        self.do("client", here=here)
        return Provider(registered(self.issuer, here, **more))

    def sign_in(self, address: str, name: str, browser: httpx.Client | None = None) -> dict[str, str]:
        """Fill in the provider's own forms as a person would; what its answer brings back."""
        if browser is None:
            with httpx.Client(timeout=30) as fresh:
                return self.sign_in(address, name, fresh)
        client, page = browser, browser.get(address)
        for _step in range(12):
            where = page.headers.get("location", "")
            if "/sign-in/provider/return?" in where and not where.startswith(self.issuer):
                return {key: values[0] for key, values in parse_qs(urlsplit(where).query).items()}
            if where:
                page = client.get(str(httpx.URL(str(page.url)).join(where)))
                continue
            token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
            assert token, f"no form of the provider: {page.status_code}"
            form = {"csrf_token": html.unescape(token[1]), "login": name, "password": WORD}
            page = client.post(str(page.url), data=form)
        raise AssertionError("the provider asks and asks")


@contextlib.contextmanager
def real_provider() -> Iterator[RealProvider]:
    """Start it on a free port of this machine and stop it with the tests that use it."""
    port = free_port()
    command = [sys.executable, "-m", "tests.support.canaille_server", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=quiet, text=True
    ) as process:
        assert process.stdin and process.stdout
        assert process.stdout.readline() == "ready\n", "the provider of the tests did not start"
        yield RealProvider(f"http://127.0.0.1:{port}", process)
        process.stdin.close()
        try:
            process.wait(10)
        finally:
            process.kill()


# --- the small one ----------------------------------------------------------------------------------------------------


@dataclass
class SmallProvider:
    """A provider of a few lines. `answers` maps a path to status and body; `asked` counts requests by path."""

    base: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        self.answers["/.well-known/openid-configuration"] = (200, {
            "issuer": self.base, "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token", "jwks_uri": f"{self.base}/keys",
            "userinfo_endpoint": f"{self.base}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        })  # fmt: skip
        self.show(self.key)

    def describe(self, **other: Any) -> None:
        """Say something else in the discovery document; None leaves it out."""
        status, said = self.answers["/.well-known/openid-configuration"]
        told = {name: value for name, value in {**said, **other}.items() if value is not None}
        self.answers["/.well-known/openid-configuration"] = (status, told)

    def show(self, *keys: RSAKey) -> None:
        """Publish these keys, and no others."""
        self.answers["/keys"] = (200, KeySet(list(keys)).as_dict())

    def claims(self, **other: Any) -> dict[str, Any]:
        """The claims of a good ID token; `other` changes them, None leaves one out."""
        moment = int(time.time())
        good = {
            "iss": self.base, "aud": CLIENT, "sub": "7001", "iat": moment, "exp": moment + 300, "nonce": "the nonce",
            "preferred_username": "ida", "name": "Ida Brandt", "groups": ["case-managers"],
            "at_hash": half_hash("access", "RS256"),
        }  # fmt: skip
        return {name: value for name, value in {**good, **other}.items() if value is not None}

    def signed(self, claims: dict[str, Any], key: RSAKey | OctKey | None = None, **header: Any) -> str:
        """A token over these claims."""
        used = key or self.key
        top = {"alg": "RS256", "kid": used.kid, **header}
        named = {name: value for name, value in top.items() if value is not None}
        return jwt.encode(named, claims, used, algorithms=[top["alg"]])

    def hand_out(self, id_token: str | None, refresh: str | None = None, access: str = "access") -> None:
        """What the token endpoint answers from now on."""
        told = {"access_token": access, "token_type": "Bearer", "id_token": id_token, "refresh_token": refresh}
        self.answers["/token"] = (200, {name: value for name, value in told.items() if value is not None})

    def provider(self, **more: Any) -> Provider:
        return Provider(registered(self.base, **more))


@contextlib.contextmanager
def small_provider() -> Iterator[SmallProvider]:
    """Serve it on a free port of this machine."""
    small = SmallProvider()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            path = urlsplit(self.path).path
            self.rfile.read(int(self.headers.get("content-length") or 0))
            small.asked.append(path)
            status, said = small.answers.get(path, (404, {}))
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **small.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # whoever asked hung up on too long an answer
                self.wfile.write(body)

        do_GET = do_POST = _answer

        def log_message(self, *_said: object) -> None:
            """Nothing: pytest shows what matters."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        small.base = f"http://127.0.0.1:{server.server_address[1]}"
        small.begin()
        yield small
        server.shutdown()
        thread.join()
