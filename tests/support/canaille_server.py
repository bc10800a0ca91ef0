"""A real OpenID Connect provider, canaille, in a process of its own: run as a module with a free port of this machine.

It keeps everything in memory. What it shall know is written to its standard input, one JSON object a line; each is
answered with a line. It ends with its input.
"""

import datetime as dt
import json
import logging
import sys
import threading
from typing import Any

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.backends.memory.backend import MemoryBackend, listify
from werkzeug.serving import make_server

CLIENT, SECRET = "daybook", "kettle-and-quiet-lantern-and-oak"


def fitting(self: MemoryBackend, model: Any, *args: Any, **wanted: Any) -> list[Any]:
    """What fits in every respect that is asked for. The memory of canaille finds what fits in any one of them: with the
    client, tokens of everybody, and so the wrong one was taken back at times."""
    if not wanted:
        return list(as_made(self, model))
    sets = [
        {key for text in model.serialize(listify(value)) for key in self.attribute_index(model, name).get(text, ())}
        for name, value in wanted.items()
    ]
    found = [model(**state) for key, state in self.index(model).items() if all(key in keys for keys in sets)]
    for one in found:
        one._cache = {}
    return found


as_made = MemoryBackend.do_query
MemoryBackend.do_query = fitting


def settings(port: int) -> dict[str, Any]:
    return {
        "SECRET_KEY": "only for the tests of this machine",
        "SERVER_NAME": f"127.0.0.1:{port}",
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "HTMX": False},
        "CANAILLE_OIDC": {"TRUSTED_DOMAINS": ["127.0.0.1", "testserver.local"]},
    }


def know_client(here: str) -> None:
    """Register the installation that is served at `here`, and forget codes that nobody came back with: the memory of
    canaille finds a code by its client too, and would then check the wrong one."""
    for code in Backend.instance.query(models.AuthorizationCode):
        Backend.instance.delete(code)
    client = Backend.instance.get(models.Client, client_id=CLIENT) or models.Client(client_id=CLIENT)
    client.client_secret, client.client_name, client.client_uri = SECRET, "Daybook", here
    client.redirect_uris = [f"{here}/sign-in/provider/return"]
    client.post_logout_redirect_uris = [f"{here}/sign-in"]
    client.grant_types, client.response_types = ["authorization_code", "refresh_token"], ["code"]
    client.scope = ["openid", "profile", "email", "groups"]
    client.token_endpoint_auth_method = "client_secret_basic"
    Backend.instance.save(client)
    client.audience = [client]
    Backend.instance.save(client)


def know_person(name: str, password: str, groups: list[str]) -> None:
    """A person with groups; one who is known already keeps the password."""
    family = name.capitalize()
    user = Backend.instance.get(models.User, user_name=name) or models.User(
        user_name=name, formatted_name=f"{family} Brandt", given_name=family, family_name="Brandt", display_name=name,
        emails=[f"{name}@hospital.example"], password=password,
    )  # fmt: skip
    user.lock_date = None
    Backend.instance.save(user)
    for group in Backend.instance.query(models.Group):
        if user in group.members and group.display_name not in groups:
            group.members = [one for one in group.members if one != user]
            Backend.instance.save(group) if group.members else Backend.instance.delete(group)
    for title in groups:
        group = Backend.instance.get(models.Group, display_name=title) or models.Group(display_name=title, members=[])
        group.members = [*(one for one in group.members if one != user), user]
        Backend.instance.save(group)


def lock(name: str) -> None:
    """From now on the person may not sign in, and tokens are taken back."""
    user = Backend.instance.get(models.User, user_name=name)
    user.lock_date = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    Backend.instance.save(user)


DEEDS = {"client": know_client, "person": know_person, "lock": lock}


def say(word: str) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def serve(port: int) -> None:
    """Answer requests in a thread of its own, and deeds from standard input in this one."""
    logging.disable(logging.CRITICAL)
    app = create_app(settings(port))
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    say("ready")
    for line in sys.stdin:
        deed = json.loads(line)
        with app.app_context(), Backend.instance.session():
            DEEDS[deed.pop("do")](**deed)
        say("done")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
