"""`/healthz` and `/readyz`, for load balancers and service managers: plain words, no sign-in, no patient data."""

from typing import Any

import psycopg
import sqlalchemy.exc
from litestar import MediaType, Request, Response, get

from app.platform import queue, schema
from app.platform.work import engine, everywhere, reading
from app.security.permissions import Permission


@get("/healthz", permission=Permission.PUBLIC, quiet=True, sync_to_thread=False)
def healthz() -> Response[str]:
    """The process is up."""
    return Response("ok\n", media_type=MediaType.TEXT)


@get("/readyz", permission=Permission.PUBLIC, quiet=True, sync_to_thread=True)
def readyz(request: Request[Any, Any, Any]) -> Response[str]:
    """Database, schema and background work, one line each; 503 when one of them is missing."""
    try:
        with reading(everywhere("health")) as view:
            working = queue.is_stood_for(view.connection)
        with engine().connect() as connection:
            current = schema.is_current(connection)
    except (psycopg.OperationalError, sqlalchemy.exc.OperationalError, sqlalchemy.exc.InterfaceError):
        return _answer({"database": "does not answer"})
    return _answer({
        "database": "ok",
        "schema": "ok" if current else "not current: run daybook migrate",
        "jobs": "ok" if working else "no worker is alive: run daybook worker",
    })  # fmt: skip


def _answer(lines: dict[str, str]) -> Response[str]:
    ready = all(line == "ok" for line in lines.values())
    text = "".join(f"{name}: {line}\n" for name, line in lines.items())
    return Response(text, status_code=200 if ready else 503, media_type=MediaType.TEXT)
