"""From the form of a review to what the command reads, and to what a draft keeps: everything as it was typed."""

from collections.abc import Iterator

from app.reviews.commands import AmendReview, WriteReview
from app.web.forms import TOKEN_FIELD, FormFields, FormState, read_form

VALUE, MOMENT, LICENSED = "value-", "event-", "licensed-"
NOT_KEPT = frozenset({TOKEN_FIELD, "list", "next_stay", "because"})
Typed = dict[str, list[str]]


def typed(form: FormFields) -> Typed:
    """Every field with all its values, for a draft. Where the person came from belongs to the page alone."""
    return {name: form.all(name) for name in form if name not in NOT_KEPT}


def _under(form: FormFields, prefix: str) -> Iterator[tuple[str, str]]:
    return ((name.removeprefix(prefix), form[name]) for name in form if name.startswith(prefix))


def read_review(form: FormFields) -> tuple[WriteReview | None, FormState]:
    """The review that a form holds; without it what is wrong, by field."""
    ask, state = read_form(WriteReview, form)
    return (ask.model_copy(update=_measured(form)) if ask is not None else None), state


def read_amendment(form: FormFields) -> tuple[AmendReview | None, FormState]:
    """The same for another version, with its reason."""
    ask, state = read_form(AmendReview, form)
    return (ask.model_copy(update=_measured(form)) if ask is not None else None), state


def _measured(form: FormFields) -> dict[str, dict[str, str]]:
    return {
        "values": dict(_under(form, VALUE)),
        "moments": dict(_under(form, MOMENT)),
        "licensed": dict(_under(form, LICENSED)),
    }
