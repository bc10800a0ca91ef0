"""From a SELECT to a typed Polars frame, and from a lazy frame to a result that cannot kill the server.

The schema is declared by the caller, never guessed from rows. Keys arrive as text: a frame with UUID objects makes
Polars panic, and its panic is no ordinary exception, so that it would pass every handler and end the event loop.
"""

from collections.abc import Mapping
from typing import Any, Literal

import polars as pl
from polars.exceptions import PanicException, PolarsError
from psycopg.types.numeric import FloatLoader
from psycopg.types.string import TextLoader

from app.platform.work import Reading

Schema = Mapping[str, pl.DataType | type[pl.DataType]]


class FrameFault(RuntimeError):
    """A frame could not be made or computed. The text names columns and types, never values."""


def select(view: Reading, query: str, parameters: Any, schema: Schema) -> pl.DataFrame:
    """The rows of the SELECT as a frame with exactly this schema; keys as text, decimals as floating point numbers.

    Raises FrameFault when the columns are others than declared or a value does not fit its type.
    """
    with view.connection.cursor() as cursor:
        cursor.adapters.register_loader("uuid", TextLoader)
        cursor.adapters.register_loader("numeric", FloatLoader)
        cursor.execute(query, parameters)
        found = [column.name for column in cursor.description or ()]
        if found != list(schema):
            raise FrameFault(f"The query gives the columns {', '.join(found)}; declared are {', '.join(schema)}.")
        rows = cursor.fetchall()
    try:
        return pl.DataFrame(rows, schema=dict(schema), orient="row", strict=True)
    except (PolarsError, TypeError, ValueError, OverflowError, PanicException) as error:
        raise FrameFault(f"A value does not fit the declared types ({type(error).__name__}).") from None


def collect(frame: pl.LazyFrame, *, engine: Literal["auto", "in-memory", "streaming"] = "auto") -> pl.DataFrame:
    """Compute a lazy frame; a panic inside Polars becomes a FrameFault, which handlers know how to treat."""
    try:
        return frame.collect(engine=engine)
    except PanicException:
        raise FrameFault("The computation failed inside the data frame library.") from None
