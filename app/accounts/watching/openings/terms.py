"""The words of the review of an opened stay. Pure."""

from enum import StrEnum


class OpeningVerdict(StrEnum):
    """What the privacy officer made of an opening of a restricted stay."""

    JUSTIFIED = "justified"  # the reason fits the work of the person and the pages that were seen
    NOT_JUSTIFIED = "not_justified"  # no need for this stay can be seen; the words say what follows
    COMPLIANCE = "compliance"  # referred to compliance, who look into it further

    @property
    def label(self) -> str:
        """As people read it."""
        return _LABELS[self]

    @property
    def tone(self) -> str:
        """The colour of its chip."""
        return _TONES[self]


_LABELS = {
    OpeningVerdict.JUSTIFIED: "Justified",
    OpeningVerdict.NOT_JUSTIFIED: "Not justified",
    OpeningVerdict.COMPLIANCE: "Referred to compliance",
}
_TONES = {OpeningVerdict.JUSTIFIED: "green", OpeningVerdict.NOT_JUSTIFIED: "red", OpeningVerdict.COMPLIANCE: "violet"}


class VerdictEnd(StrEnum):
    """Why a judgement stands no more."""

    AMENDED = "amended"  # another judgement took its place
    TAKEN_BACK = "taken_back"  # it was made by mistake; the matter is open again
