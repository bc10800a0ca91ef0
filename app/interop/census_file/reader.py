"""The reader of stored messages that came from census files and repairs."""

import msgspec

from app.census.terms import AdtFact, ExceptionKind
from app.interop.adt import NotAccepted
from app.interop.census_file.facts import fact_of_saying, saying_of
from app.interop.queries import FeedSettings, Stored


def fact_of(stored: Stored, feed: FeedSettings) -> AdtFact | NotAccepted:
    """What a stored message says."""
    try:
        saying = saying_of(stored.raw)
    except msgspec.DecodeError:
        return NotAccepted(ExceptionKind.UNPARSEABLE, "AE", "The message is no row of a census file.", "", 0)
    return fact_of_saying(saying, feed.policy.feed, stored.id)
