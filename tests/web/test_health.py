"""What load balancers ask: is the process up, can it work."""

import asyncio
import threading

import psycopg
from litestar import Litestar
from litestar.testing import TestClient

from app.platform.postgres import Addresses, database_name
from app.platform.queue import ALIVE, Duties, run_worker


def test_health_needs_no_sign_in_and_says_nothing_more(app: Litestar):
    with TestClient(app) as client:
        answer = client.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_ready_only_while_a_worker_is_alive(app: Litestar, database: Addresses):
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    worker = threading.Thread(target=lambda: loop.run_until_complete(run_worker(database.app, Duties(), stop)))
    with TestClient(app) as client:
        without = client.get("/readyz")
        worker.start()
        try:
            answers = [client.get("/readyz")]
            while answers[-1].status_code != 200 and len(answers) < 500:
                answers.append(client.get("/readyz"))
        finally:
            loop.call_soon_threadsafe(stop.set)
            worker.join(15)
            loop.close()

    assert without.status_code == 503 and "jobs: no worker is alive" in without.text
    assert answers[-1].text == "database: ok\nschema: ok\njobs: ok\n"


def test_a_worker_that_hangs_does_not_count_as_alive(app: Litestar, database: Addresses):
    """Its connection still holds the lock; what it lacks is a sign of life."""
    with TestClient(app) as client, psycopg.connect(database.owner, autocommit=True) as hanging:
        hanging.execute("select pg_advisory_lock_shared(hashtext(%s))", (ALIVE,))
        hanging.execute("insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 minute')")
        silent = client.get("/readyz")
        hanging.execute("update procrastinate_workers set last_heartbeat = now()")
        heard = client.get("/readyz")

    assert (silent.status_code, heard.status_code) == (503, 200)


def test_not_ready_with_an_older_schema(app: Litestar, database: Addresses):
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("update alembic_version set version_num = 'older'")
    with TestClient(app) as client:
        answer = client.get("/readyz")

    assert answer.status_code == 503 and "schema: not current" in answer.text


def test_not_ready_without_a_database_and_ready_to_say_so(app: Litestar, database: Addresses, server: str):
    name = database_name(database.owner)
    with TestClient(app) as client, psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"alter database {name} with allow_connections false")
        admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
        try:
            ready, healthy = client.get("/readyz"), client.get("/healthz")
        finally:
            admin.execute(f"alter database {name} with allow_connections true")

    assert ready.status_code == 503 and ready.text == "database: does not answer\n"
    assert healthy.status_code == 200
