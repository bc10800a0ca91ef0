"""What a list of medicines amounts to. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from app.discharge.teaching.terms import Change, TeachBack

MANY_MEDICINES = 5
"""From this number of medicines on a list is called long: the usual bound of polypharmacy, by convention."""

Content = Mapping[str, object]


def burden(medicines: Sequence[Content]) -> int:
    """How many medicines the patient takes after the stay; those that were stopped do not count."""
    return sum(1 for one in medicines if one.get("change") != Change.STOPPED)


def taught_back(topic: Content) -> bool:
    """Whether a topic was said or shown back in full together with the signs of danger."""
    return topic.get("teach_back") == TeachBack.FULL and bool(topic.get("red_flags"))


def renewals(medicines: Sequence[Content], today: date, within: int = 30) -> list[Content]:
    """Medicines whose assistance program has to be renewed in that many days or sooner, the earliest first."""
    dated = [(str(one["renews_on"]), one) for one in medicines if one.get("renews_on")]
    soon = [(day, one) for day, one in dated if (date.fromisoformat(day) - today).days <= within]
    return [one for _, one in sorted(soon, key=lambda pair: pair[0])]
