"""What changed about a person's stays between an instant and now. Pure: two states of each stay are compared."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

HERE = ("admitted", "on_leave")
CLASSES = {"IP": "inpatient", "OBS": "observation", "ED": "emergency"}


class Then(msgspec.Struct, frozen=True):
    """A stay as it was known at the earlier instant; `user_id` had it."""

    id: uuid.UUID
    status: str
    patient_class: str
    unit: str
    pending: bool
    user_id: uuid.UUID | None


class Now(msgspec.Struct, frozen=True):
    """The same stay now, with what the strip shows of it."""

    id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    place: str
    status: str
    patient_class: str
    unit: str
    pending: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of change, in the order of the strip, with its names for one and for several."""

    key: str
    one: str
    many: str


KINDS = (
    Kind("cancelled", "stay cancelled", "stays cancelled"),
    Kind("discharged", "departure", "departures"),
    Kind("pending", "discharge pending", "discharges pending"),
    Kind("class", "class change", "class changes"),
    Kind("moved", "transfer", "transfers"),
    Kind("admitted", "new admission", "new admissions"),
    Kind("given", "stay newly yours", "stays newly yours"),
    Kind("leave", "leave of absence", "leaves of absence"),
)


def changes(me: uuid.UUID, then: Mapping[uuid.UUID, Then], now: Iterable[Now]) -> dict[str, list[tuple[Now, str]]]:
    """By kind, the stays that changed so, each with a few words. One stay may stand under several kinds."""
    found: dict[str, list[tuple[Now, str]]] = {kind.key: [] for kind in KINDS}
    for one in now:
        for key, words in _changed(me, then.get(one.id), one):
            found[key].append((one, words))
    return {key: stays for key, stays in found.items() if stays}


def _changed(me: uuid.UUID, before: Then | None, one: Now) -> Iterable[tuple[str, str]]:
    was_here = before is not None and before.status in HERE
    if one.status not in HERE:
        if was_here:
            yield ("cancelled", "never was") if one.status == "cancelled" else ("discharged", "left")
        return
    if before is None or not was_here:
        yield "admitted", one.place
        return
    if before.user_id != me:
        yield "given", one.place
    if before.patient_class != one.patient_class:
        yield "class", f"{_class(before.patient_class)} to {_class(one.patient_class)}"
    if before.unit != one.unit:
        yield "moved", f"{before.unit or 'no bed'} to {one.unit or 'no bed'}"
    if one.pending and not before.pending:
        yield "pending", one.place
    if before.status != one.status:
        yield "leave", "went on leave" if one.status == "on_leave" else "back from leave"


def _class(code: str) -> str:
    return CLASSES.get(code, code)
