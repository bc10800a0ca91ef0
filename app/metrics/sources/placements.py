"""How long it takes to find a provider, and how many are asked: from the versions of needs and referrals."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec
import polars as pl

from app.discharge.referrals.terms import ReferralAction, ReferralState, RequestAction
from app.discharge.terms import CareType
from app.metrics.sources.gathering import Gathered, because, hours, only_counted, told
from app.metrics.terms import MeasureId
from app.platform.reads.frames import Schema
from app.platform.work import Reading

_VERSIONS = """
select r.encounter_id::text, r.request_id::text, r.referral_id::text, r.vendor_name, r.state, r.action, r.care_type,
  r.sent_at, (r.sent_at at time zone f.timezone)::date, r.answered_at, (r.answered_at at time zone f.timezone)::date
from referral r join facility f on f.id = r.facility_id where r.encounter_id = any(%s)
order by r.referral_id, r.made_at, (r.ended_at is null), r.id
"""
_NEEDS = """
select q.request_id::text, q.action, q.placed_id::text, (q.made_at at time zone f.timezone)::date
from referral_request q join facility f on f.id = q.facility_id where q.encounter_id = any(%s)
order by q.request_id, q.made_at, (q.ended_at is null), q.id
"""


class Version(msgspec.Struct, frozen=True):
    """One version of a referral, with the local days of its times."""

    part: str
    request_id: str
    referral_id: str
    vendor: str
    state: str
    action: str
    care_type: str
    sent_at: datetime | None
    sent_on: date | None
    answered_at: datetime | None
    answered_on: date | None


class NeedStep(msgspec.Struct, frozen=True):
    """One version of a need: what was done, and which referral was booked by it."""

    request_id: str
    action: str
    placed_id: str | None
    on: date


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one need: when it was first sent, first accepted and placed, and how many were asked."""

    part: str
    record_id: str
    care_type: str
    sent: int
    sent_at: datetime
    sent_on: date
    accepted_at: datetime | None = None
    accepted_on: date | None = None
    accepted_by: str = ""
    placed_on: date | None = None
    placed_with: str = ""


_SCHEMA: Schema = {
    "part": pl.String, "record_id": pl.String, "care_type": pl.String, "sent": pl.Int64,
    "sent_at": pl.Datetime("us", "UTC"), "sent_on": pl.Date, "accepted_at": pl.Datetime("us", "UTC"),
    "accepted_on": pl.Date, "accepted_by": pl.String, "placed_on": pl.Date, "placed_with": pl.String,
}  # fmt: skip


def cases(db: Reading, found: Gathered) -> list[pl.DataFrame]:
    """Cases of the two measures, by two statements."""
    asked: list[uuid.UUID] = found.all_keys
    versions = db.rows(Version, _VERSIONS, (asked,))
    steps = db.rows(NeedStep, _NEEDS, (asked,))
    needs = frame_of(sought(versions, steps)).join(found.parts, on="part", how="inner").drop("part")
    return [
        found.cases(time_to_acceptance(needs), MeasureId.REFERRAL_TO_ACCEPTANCE),
        found.cases(referrals_for_placement(needs), MeasureId.REFERRALS_PER_PLACEMENT),
    ]


def sought(versions: Iterable[Version], steps: Iterable[NeedStep]) -> list[Sought]:
    """The needs of which a referral was sent. Versions and steps in the order in which they were made."""
    placed = placements(steps)
    referrals: dict[str, dict[str, list[Version]]] = {}
    for one in versions:
        referrals.setdefault(one.request_id, {}).setdefault(one.referral_id, []).append(one)
    found = [_sought(key, own, placed.get(key)) for key, own in referrals.items()]
    return [one for one in found if one is not None]


def _sought(
    request_id: str, referrals: dict[str, list[Version]], placed: tuple[str | None, date] | None
) -> Sought | None:
    sent = [
        (one.sent_at, one.sent_on, one)
        for own in referrals.values()
        for one in own
        if one.sent_at is not None and one.sent_on is not None
    ]
    if not sent:
        return None
    sent_at, sent_on, first = min(sent, key=lambda one: one[0])
    yes = min(
        (said for own in referrals.values() if (said := acceptance(own)) is not None),
        key=lambda said: (said[0], said[2]),
        default=(None, None, ""),
    )
    vendors = {key: own[-1].vendor for key, own in referrals.items()}
    return Sought(
        part=first.part,
        record_id=request_id,
        care_type=CareType(first.care_type).label,
        sent=len({one.referral_id for _, _, one in sent}),
        sent_at=sent_at,
        sent_on=sent_on,
        accepted_at=yes[0],
        accepted_on=yes[1],
        accepted_by=yes[2],
        placed_on=placed[1] if placed else None,
        placed_with=vendors.get(placed[0] or "", "") if placed else "",
    )


def acceptance(versions: Sequence[Version]) -> tuple[datetime, date, str] | None:
    """When this vendor first said yes, unless that was taken back as recorded by mistake."""
    found: list[tuple[datetime, date, str]] = []
    for before, one in zip([None, *versions], versions, strict=False):
        if one.action == ReferralAction.ACCEPT and one.answered_at is not None and one.answered_on is not None:
            found.append((one.answered_at, one.answered_on, one.vendor))
        elif (
            one.action == ReferralAction.TAKE_BACK
            and one.state == ReferralState.OPENED
            and before is not None
            and before.state == ReferralState.ACCEPTED
            and found
        ):
            found.pop()
    return min(found, default=None)


def placements(steps: Iterable[NeedStep]) -> dict[str, tuple[str | None, date]]:
    """Needs for which a vendor was booked and is booked still, or was when the need was closed: referral and day."""
    found: dict[str, tuple[str | None, date]] = {}
    for one in steps:
        if one.action == RequestAction.PLACE:
            found[one.request_id] = (one.placed_id, one.on)
        elif one.action == RequestAction.UNPLACE:
            found.pop(one.request_id, None)
    return found


def frame_of(needs: Sequence[Sought]) -> pl.DataFrame:
    """The same as a frame."""
    return pl.DataFrame([msgspec.structs.asdict(one) for one in needs], schema=_SCHEMA)


def time_to_acceptance(needs: pl.DataFrame) -> pl.DataFrame:
    """One case for each need: elapsed hours from the first referral to the first acceptance."""
    return needs.with_columns(
        pl.coalesce("accepted_on", "sent_on").alias("day"),
        because(("never_accepted", pl.col("accepted_at").is_null())),
        hours(pl.col("accepted_at") - pl.col("sent_at")).alias("value"),
        pl.col("accepted_by").alias("vendor"),
        told("care_type", "sent"),
    ).pipe(only_counted)


def referrals_for_placement(needs: pl.DataFrame) -> pl.DataFrame:
    """One case for each need: how many referrals were sent for a placement."""
    return needs.with_columns(
        pl.coalesce("placed_on", "sent_on").alias("day"),
        because(("not_placed", pl.col("placed_on").is_null())),
        pl.col("sent").cast(pl.Float64).alias("numerator"),
        pl.lit(1.0).alias("denominator"),
        pl.col("placed_with").alias("vendor"),
        told("care_type", "sent"),
    ).pipe(only_counted)
