"""The words of a contact with a payer."""

from enum import StrEnum


class Direction(StrEnum):
    """Who began."""

    OUT = "out"  # we called, wrote or looked
    IN = "in"  # the payer called or wrote

    @property
    def label(self) -> str:
        """As a form shows it."""
        return {"out": "We contacted them", "in": "They contacted us"}[self.value]
