"""Several questions in one way to the server and back: on a busy machine each way costs more than what is asked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import args_row

from app.platform.work import Reading


@dataclass(frozen=True, slots=True)
class Question:
    """A hand-written SELECT; each of its rows is handed to `shape` in the order of its columns."""

    shape: Callable[..., Any]
    query: str
    parameters: Any = None


def together(db: Reading, questions: Sequence[Question]) -> list[list[Any]]:
    """The rows that answer each question. The rest of the reading keeps one plan for all values of a query, which is
    right where planning costs more than running: many joins, few rows. So it is prepared when it is first asked."""
    with db.connection.pipeline():
        db.connection.execute("set local plan_cache_mode = force_generic_plan")
        cursors = [
            db.connection.cursor(row_factory=args_row(one.shape)).execute(
                db.worded(one.query), one.parameters, prepare=True
            )
            for one in questions
        ]
        return [cursor.fetchall() for cursor in cursors]
