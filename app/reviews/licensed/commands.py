"""Saying which release of a licensed product is in use, and taking an entry away."""

import uuid
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator

from app.kernel.refusal import Refused
from app.platform.work import Work
from app.reviews.licensed.events import LicensedProductAdded, LicensedProductEnded
from app.reviews.licensed.models import LicensedProduct
from app.reviews.licensed.rules import plain_name
from app.web.fields import empty_is_none

MOST = 200
NO_PRODUCT = "There is no such product, or it belongs to another facility."


class AddProduct(BaseModel):
    """A release of a product. `subsets` has one name in a line, `agreed` one `payer code = release`."""

    vendor: str
    product: str
    release: str
    begins: date
    ends: Annotated[date | None, BeforeValidator(empty_is_none)] = None
    subsets: str = ""
    agreed: str = ""


def add_product(work: Work, facility_id: int, ask: AddProduct) -> LicensedProduct:
    """Put a release in use. Refused for text instead of names, and while an entry of the release stands."""
    vendor, product, release = _name("vendor", ask.vendor), _name("product", ask.product), _name("release", ask.release)
    if ask.ends is not None and ask.ends < ask.begins:
        raise Refused("The licence would have ended before it begins. Look at both days.", field="ends")
    subsets, agreed = _subsets(ask.subsets), _agreed(ask.agreed)
    work.connection.execute("select pg_advisory_xact_lock(hashtext('reviews.licensed'), %s)", (facility_id,))
    if work.value(
        "select exists (select from licensed_product where facility_id = %s and lower(product) = lower(%s)"
        " and lower(release) = lower(%s) and ended_at is null)",
        (facility_id, product, release),
    ):
        raise Refused("This release is here already. Take it away first, then write it again.", field="release")
    made = work.add(
        LicensedProduct(
            facility_id=facility_id, vendor=vendor, product=product, release=release, subsets=subsets,
            agreed=agreed, begins=ask.begins, ends=ask.ends,
            made_at=work.now, made_by=work.who.actor_id,
        )
    )  # fmt: skip
    work.record(
        LicensedProductAdded(
            facility_id=facility_id, product_id=made.id, product=made.product, release=made.release, begins=made.begins
        )
    )
    return made


def end_product(work: Work, product_id: uuid.UUID) -> LicensedProduct:
    """Take an entry away: reviews choose it no more. Those that name it stay as they are."""
    held = work.lock(LicensedProduct, product_id, NO_PRODUCT)
    if held.ended_at is not None:
        raise Refused("This entry was taken away already.")
    held.ended_at, held.ended_by = work.now, work.who.actor_id
    work.record(
        LicensedProductEnded(
            facility_id=held.facility_id, product_id=held.id, product=held.product, release=held.release
        )
    )
    return held


def restore_product(work: Work, product_id: uuid.UUID) -> LicensedProduct:
    """Put an entry that was taken away in use again, as it was, as a new entry."""
    held = work.get(LicensedProduct, product_id, NO_PRODUCT)
    if held.ended_at is None:
        raise Refused("This entry still stands.")
    return add_product(
        work,
        held.facility_id,
        AddProduct(
            vendor=held.vendor, product=held.product, release=held.release, begins=held.begins, ends=held.ends,
            subsets="\n".join(held.subsets), agreed="\n".join(f"{code} = {name}" for code, name in held.agreed.items()),
        ),
    )  # fmt: skip


def _name(field: str, value: str) -> str:
    name = plain_name(field, value)
    if not name:
        raise Refused("Fill in this field.", field=field)
    return name


def _lines(text: str, field: str) -> list[str]:
    lines = [plain_name(field, line) for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise Refused(f"These are more than {MOST} lines. Name only what is in use.", field=field)
    return lines


def _subsets(text: str) -> list[str]:
    return list(dict.fromkeys(_lines(text, "subsets")))


def _agreed(text: str) -> dict[str, str]:
    agreed: dict[str, str] = {}
    for number, line in enumerate(_lines(text, "agreed"), 1):
        code, sign, release = (part.strip() for part in line.partition("="))
        if not (code and sign and release):
            raise Refused(f"Line {number} is not understood. Write payer code = release.", field="agreed")
        if code in agreed:
            raise Refused(f"Line {number} names the payer {code} again. Keep one line for each.", field="agreed")
        agreed[code] = release
    return agreed
