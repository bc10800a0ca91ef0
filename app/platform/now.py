"""The only wall clock of the program. Everything else takes the time as a parameter."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)
