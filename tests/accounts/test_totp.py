"""One-time codes: the vectors of RFC 6238, the slack of clocks, and that no code is taken twice."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from app.security.totp import enrolment_address, matching_step, offered_secret, picture, step_at

SECRET = base64.b32encode(b"12345678901234567890").decode()
# RFC 6238, appendix B, SHA-1; the last six of eight digits.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_vectors_of_the_standard(second: int, code: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)

    assert matching_step(SECRET, code, moment, 0) == second // 30


@pytest.mark.parametrize(("late", "taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_clock_may_be_one_step_off(late: int, taken: bool) -> None:
    second, code = VECTORS[3]
    moment = datetime.fromtimestamp(second, UTC) + timedelta(seconds=late)

    assert (matching_step(SECRET, code, moment, 0) is not None) is taken


def test_a_code_is_taken_once() -> None:
    second, code = VECTORS[3]
    moment = datetime.fromtimestamp(second, UTC)
    step = matching_step(SECRET, code, moment, 0)

    assert step == step_at(moment)
    assert matching_step(SECRET, code, moment, step) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "287 083"])
def test_what_is_no_code_fits_nothing(typed: str) -> None:
    assert matching_step(SECRET, typed, datetime.fromtimestamp(59, UTC), 0) is None


def test_spaces_in_a_code_do_not_matter() -> None:
    assert matching_step(SECRET, " 287 082 ", datetime.fromtimestamp(59, UTC), 0) == 1


def test_no_secret_no_code() -> None:
    assert matching_step("", "287082", datetime.fromtimestamp(59, UTC), 0) is None


def test_offered_secret_belongs_to_one_session_and_purpose() -> None:
    offers = {offered_secret("cookie", "a"), offered_secret("cookie", "b"), offered_secret("other", "a")}

    assert len(offers) == 3
    assert offered_secret("cookie", "a") in offers
    assert all(len(base64.b32decode(offer)) == 20 for offer in offers)


def test_picture_is_an_svg_without_styles() -> None:
    drawn = picture(enrolment_address(SECRET, "dana")).decode()

    assert drawn.startswith("<svg ") and "style" not in drawn
    assert enrolment_address(SECRET, "dana").startswith("otpauth://totp/Daybook:dana?secret=" + SECRET)
