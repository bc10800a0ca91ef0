"""The words of a record that is never rewritten: it stands, is corrected by another version, or is struck out."""

from enum import StrEnum


class RecordState(StrEnum):
    """Where a record stands."""

    UNWRITTEN = "unwritten"  # nothing is recorded yet
    STANDING = "standing"  # recorded, and it counts
    STRUCK_OUT = "struck_out"  # recorded by mistake; it does not count


class RecordAction(StrEnum):
    """What may happen to a record."""

    WRITE = "write"  # record it
    AMEND = "correct"  # another version takes its place, with the reason
    STRIKE_OUT = "strike_out"  # say that it was recorded by mistake


class RecordEnd(StrEnum):
    """Why a version stands no more."""

    AMENDED = "amended"  # another version was recorded in its place
    STRUCK_OUT = "struck_out"  # it was recorded by mistake
