"""A number that may be left empty is left empty: no constraint is asked of nothing."""

import pytest
from pydantic import BaseModel, ValidationError

from app.advisor.ladder.settings import SetLadder
from app.payers.authorizations.forms import RecordAnswer
from app.payers.denials.appeals.forms import SendAppeal
from app.payers.denials.forms import CloseDenial

FORMS: list[tuple[type[BaseModel], dict[str, str], str]] = [
    (RecordAnswer, {"action": "A1"}, "quantity"),
    (SendAppeal, {}, "level"),
    (CloseDenial, {"outcome": "upheld"}, "recovered_days"),
    (SetLadder, {"begins": "2026-03-02"}, "lead"),
]


@pytest.mark.parametrize(("form", "given", "field"), FORMS)
def test_an_empty_number_is_none_and_a_wrong_one_is_said(form: type[BaseModel], given: dict[str, str], field: str):
    for empty in ("", None):
        assert getattr(form.model_validate(given | {field: empty}), field) is None
    with pytest.raises(ValidationError) as caught:
        form.model_validate(given | {field: "-1"})
    assert [error["loc"] for error in caught.value.errors()] == [(field,)]
