"""What may be kept of a licensed product, and when its release is not the one to use (utilization rules 9.4)."""

from collections.abc import Iterable
from datetime import date

import msgspec

from app.kernel.refusal import Refused
from app.reviews.licensed.terms import LicensedReference, Product

LONGEST = 120
"""Characters of a name or number. Criterion text is longer, and may not be kept."""


def plain_name(field: str, value: str) -> str:
    """A name or number in one short line. Refused for anything longer: it would be text under licence."""
    name = value.strip()
    if len(name) > LONGEST or not name.isprintable():
        raise Refused(
            f"Write a name or number in one line of at most {LONGEST} characters. The text of licensed criteria"
            " may not be kept.",
            field=field,
        )
    return name


def reference(given: LicensedReference) -> LicensedReference:
    """The reference as a review keeps it. Refused without product and release, and for text instead of names."""
    names = {
        name: plain_name(name, value)
        for name, value in msgspec.structs.asdict(given).items()
        if name != "outcome"
    }  # fmt: skip
    for name in ("product", "release"):
        if not names[name]:
            raise Refused(f"Say which {name} was used.", field=name)
    return msgspec.structs.replace(given, **names)


def warnings(given: LicensedReference, products: Iterable[Product], payer_code: str, on: date) -> list[str]:
    """Why the reference may not convince a payer on a local day, one sentence each; empty when nothing is known."""
    known = [one for one in products if _same(one.product, given.product)]
    if not known:
        return [f"{given.product} is not among the licensed products of this facility."]
    [*found] = _licence(given, known, on)
    agreed = {one.agreed[payer_code] for one in known if payer_code in one.agreed}
    if agreed and not any(_same(release, given.release) for release in agreed):
        found.append(f"Agreed with this payer is {given.product} {' or '.join(sorted(agreed))}, not {given.release}.")
    return found


def _licence(given: LicensedReference, known: list[Product], on: date) -> list[str]:
    of_release = [one for one in known if _same(one.release, given.release)]
    if not of_release:
        return [f"Release {given.release} of {given.product} is not in use here."]
    standing = [one for one in of_release if one.begins <= on and (one.ends is None or on <= one.ends)]
    if not standing:
        if all(on < one.begins for one in of_release):
            first = min(one.begins for one in of_release)
            return [f"{given.product} {given.release} is in use from {first:%-d %b %Y} on only."]
        last = max(one.ends for one in of_release if one.ends is not None)
        return [f"{given.product} {given.release} is out of date since {last:%-d %b %Y}."]
    subsets = {name.lower() for one in standing for name in one.subsets}
    if given.subset and subsets and given.subset.lower() not in subsets:
        return [f"The subset {given.subset} is not among those in use here."]
    return []


def _same(one: str, other: str) -> bool:
    return one.strip().lower() == other.strip().lower()
