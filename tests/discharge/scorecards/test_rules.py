"""Figures of vendors against examples reckoned by hand."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.discharge.scorecards.rules import Asked, Figure, Placed, Share, cards, together
from app.kernel.shares import median, percentile, wilson

SENT = datetime(2026, 3, 2, 10, tzinfo=UTC)
ALDER, BIRCH = uuid.UUID(int=1), uuid.UUID(int=2)


def asked(vendor: uuid.UUID = ALDER, hours: float | None = None, reason: str = "", **more: object) -> Asked:
    answered = None if hours is None else SENT + timedelta(hours=hours)
    name = "Alder" if vendor == ALDER else "Birch"
    return Asked(vendor_id=vendor, vendor=name, care_type="snf", sent_at=SENT, answered_at=answered,
                 decline_reason=reason, **more)  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 5, 0.0, 0.4345), (5, 5, 0.5655, 1.0), (1, 2, 0.0945, 0.9055)],
)
def test_the_interval_of_wilson(hits: int, of: int, low: float, high: float):
    assert wilson(hits, of) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(1, 500).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_share_lies_within_its_interval(case: tuple[int, int]):
    hits, of = case
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of + 1e-12 and hits / of - 1e-12 <= high <= 1


def test_no_share_without_a_case():
    for hits, of in ((0, 0), (2, 1), (-1, 3)):
        with pytest.raises(ValueError, match="case"):
            wilson(hits, of)


def test_places_in_a_row():
    assert (median([]), percentile([], 90)) == (None, None)
    assert (median([4]), median([9, 1, 4]), median([1, 3, 5, 100])) == (4, 4, 4)
    hours = [1, 2, 3, 4, 5, 6, 7, 8, 9, 30]
    assert (percentile(hours, 90), percentile(hours, 100), percentile(hours, 1)) == (9, 30, 1)
    assert percentile([7, 2], 90) == 7


def test_a_card_counts_each_referral_where_it_belongs():
    found = cards(
        [
            asked(hours=2, opened_at=SENT),
            asked(hours=6, reason="no_bed", opened_at=SENT),
            asked(hours=10, weekend=True),
            asked(opened_at=SENT, silent=True),
            asked(weekend=True),
            asked(BIRCH, hours=1, reason="payer"),
        ],
        [Placed(vendor_id=ALDER, vendor="Alder", care_type="snf", returned=number == 0) for number in range(4)],
    )
    alder, birch = found
    assert {figure.value: alder.counts[figure] for figure in Figure} == {
        "sent": 5, "opened": 4, "answered": 3, "accepted": 2, "declined": 1, "silent": 1, "weekend": 2,
        "weekend_accepted": 1, "placed": 4, "readmitted": 1,
    }  # fmt: skip
    assert (alder.median_hours, alder.slow_hours) == (6, 10)
    assert (alder.accepted, alder.weekend, alder.readmitted) == (Share(2, 3), Share(1, 2), Share(1, 4))
    assert dict(birch.reasons) == {"payer": 1}

    whole = together(found)
    assert (whole.counts[Figure.SENT], whole.median_hours) == (6, 4)
    assert whole.accepted == Share(2, 4)


def test_a_share_says_its_interval_and_small_numbers_say_so():
    assert Share(8, 10).said == "8 of 10 (80 %, 49 % to 94 %)"
    assert not Share(8, 10).small and Share(8, 9).small
    assert Share(0, 0).said == "–"


def test_one_vendor_with_two_types_of_care_has_two_cards():
    home = Asked(vendor_id=ALDER, vendor="Alder", care_type="home_health", sent_at=SENT)
    assert [card.care_type for card in cards([asked(), home], [])] == ["home_health", "snf"]
