"""Denials, appeals, talks and the time that payers take: from what was recorded of them and stands."""

import polars as pl

from app.metrics.sources.gathering import Gathered, because, hours, only_counted, share, told
from app.metrics.terms import MeasureId
from app.platform.reads.frames import Schema
from app.platform.work import Reading

_INSTANT = pl.Datetime("us", "UTC")
_ASKED = """
select r.encounter_id::text as part, r.request_id::text as record_id, r.asked_at,
  (r.asked_at at time zone f.timezone)::date as asked_on, coalesce(nullif(a.payer_name, ''), a.payer_code) as payer,
  r.expedited, d.at as decided_at, (d.at at time zone f.timezone)::date as decided_on,
  exists (select from payer_request c where c.authorization_id = r.authorization_id and c.ended_at is null
    and c.certification_type = '3' and c.asked_at >= r.asked_at)
  or exists (select from payer_decision c where c.authorization_id = r.authorization_id
    and c.request_id = r.request_id and c.ended_at is null and c.action = 'C')
  as cancelled
from payer_request r join payer_authorization a on a.id = r.authorization_id and a.ended_at is null
  join facility f on f.id = r.facility_id
  left join lateral (select min(coalesce(c.decided_at, c.received_at)) as at from payer_decision c
    where c.authorization_id = r.authorization_id and c.request_id = r.request_id and c.ended_at is null
      and c.action in ('A1', 'A2', 'A3', 'A6', 'NA')) d on true
where r.encounter_id = any(%s) and r.ended_at is null and r.certification_type <> '3'
"""
ASKED_SCHEMA: Schema = {
    "part": pl.String, "record_id": pl.String, "asked_at": _INSTANT, "asked_on": pl.Date, "payer": pl.String,
    "expedited": pl.Boolean, "decided_at": _INSTANT, "decided_on": pl.Date, "cancelled": pl.Boolean,
}  # fmt: skip
_DENIED = """
select d.encounter_id::text as part, d.denial_id::text as denial_id, d.notice_at,
  (d.notice_at at time zone f.timezone)::date as noticed_on, coalesce(nullif(d.payer_name, ''), d.payer_code) as payer,
  d.state, d.outcome, d.talk_outcome,
  case when d.talk_outcome <> '' then (select (min(v.made_at) at time zone f.timezone)::date from denial v
    where v.denial_id = d.denial_id and v.talk_outcome = d.talk_outcome) end as talked_on
from denial d join facility f on f.id = d.facility_id
where d.encounter_id = any(%s) and d.ended_at is null and d.state <> 'struck_out'
"""
DENIED_SCHEMA: Schema = {
    "part": pl.String, "denial_id": pl.String, "notice_at": _INSTANT, "noticed_on": pl.Date, "payer": pl.String,
    "state": pl.String, "outcome": pl.String, "talk_outcome": pl.String, "talked_on": pl.Date,
}  # fmt: skip
_APPEALED = """
select a.encounter_id::text as part, a.appeal_id::text as record_id, a.denial_id::text as denial_id,
  a.level::int as level, a.state, a.outcome, (a.sent_at at time zone f.timezone)::date as sent_on,
  (a.decided_at at time zone f.timezone)::date as decided_on
from denial_appeal a join facility f on f.id = a.facility_id
where a.encounter_id = any(%s) and a.ended_at is null and a.state in ('sent', 'verified', 'decided', 'withdrawn')
"""
APPEALED_SCHEMA: Schema = {
    "part": pl.String, "record_id": pl.String, "denial_id": pl.String, "level": pl.Int64, "state": pl.String,
    "outcome": pl.String, "sent_on": pl.Date, "decided_on": pl.Date,
}  # fmt: skip
_ANSWERED = """
select d.encounter_id::text as part, d.decision_id::text as record_id, d.outcome,
  (d.decided_at at time zone f.timezone)::date as day, coalesce(nullif(t.payer_name, ''), t.payer_code) as payer,
  coalesce(x.denial_id, (select n.denial_id from denial n where n.escalation_id = d.escalation_id and n.ended_at is null
    order by n.denial_id limit 1))::text as denial_id
from escalation_decision d join peer_talk t on t.escalation_id = d.escalation_id and t.ended_at is null
  join facility f on f.id = d.facility_id
  left join escalation x on x.escalation_id = d.escalation_id and x.ended_at is null
where d.encounter_id = any(%s) and d.ended_at is null and d.outcome in ('overturned', 'partly', 'upheld', 'not_held')
"""
ANSWERED_SCHEMA: Schema = {
    "part": pl.String, "record_id": pl.String, "outcome": pl.String, "day": pl.Date, "payer": pl.String,
    "denial_id": pl.String,
}  # fmt: skip
WON = ("overturned", "partly")
CLOSED = "closed"
LOST = ("upheld", "partly", "written_off", "status_change")
"""Outcomes of a denial after which something stays denied."""


def cases(db: Reading, found: Gathered) -> list[pl.DataFrame]:
    """Cases of the five measures, by four statements."""
    asked = found.of_parts(db, _ASKED, ASKED_SCHEMA)
    denied = found.of_parts(db, _DENIED, DENIED_SCHEMA)
    appealed = found.of_parts(db, _APPEALED, APPEALED_SCHEMA)
    answered = found.of_parts(db, _ANSWERED, ANSWERED_SCHEMA)
    submitted = submissions(asked, denied)
    return [
        found.cases(at_first(submitted), MeasureId.DENIAL),
        found.cases(at_the_end(submitted), MeasureId.DENIAL_FINAL),
        found.cases(appeals(appealed, denied), MeasureId.OVERTURN),
        found.cases(talks(answered, denied), MeasureId.PEER_TO_PEER_OVERTURN),
        found.cases(turnaround(asked), MeasureId.AUTHORIZATION_TURNAROUND),
    ]


def submissions(asked: pl.DataFrame, denied: pl.DataFrame) -> pl.DataFrame:
    """One row for each stay of which a payer was asked, or denied: the day it counts on, the payer, its denials."""
    requests = (
        asked.sort("asked_at", "record_id")
        .group_by("encounter_id")
        .agg(pl.col("asked_on").first(), pl.col("payer").first().alias("asked"))
    )
    denials = (
        denied.sort("notice_at", "denial_id")
        .group_by("encounter_id")
        .agg(
            pl.col("noticed_on").first(),
            pl.col("payer").first().alias("denier"),
            pl.len().cast(pl.Int64).alias("denials"),
            (pl.col("state") != CLOSED).any().alias("open"),
            ((pl.col("state") == CLOSED) & pl.col("outcome").is_in(LOST)).any().alias("lost"),
        )
    )
    return requests.join(denials, on="encounter_id", how="full", coalesce=True).select(
        "encounter_id",
        pl.coalesce("asked_on", "noticed_on").alias("day"),
        pl.coalesce("denier", "asked").alias("payer"),
        pl.col("denials").fill_null(0),
        pl.col("open").fill_null(False),
        pl.col("lost").fill_null(False),
    )


def at_first(submitted: pl.DataFrame) -> pl.DataFrame:
    """One case for each submitted stay: whether anything was denied."""
    return submitted.with_columns(
        pl.lit("").alias("excluded"), *share(pl.col("denials") > 0), told("denials")
    )  # fmt: skip


def at_the_end(submitted: pl.DataFrame) -> pl.DataFrame:
    """One case for each submitted stay: whether anything stays denied once nothing more is done about it."""
    return submitted.with_columns(because(("open", pl.col("open"))), *share(pl.col("lost")), told("denials")).pipe(
        only_counted
    )


def appeals(appealed: pl.DataFrame, denied: pl.DataFrame) -> pl.DataFrame:
    """One case for each appeal that was sent, of whatever level; those of a denial that was struck out are none."""
    payers = denied.select("denial_id", "payer").unique("denial_id")
    return (
        appealed.join(payers, on="denial_id", how="inner")
        .with_columns(
            pl.coalesce("decided_on", "sent_on").alias("day"),
            because(("withdrawn", pl.col("state") == "withdrawn"), ("undecided", pl.col("state") != "decided")),
            *share(pl.col("outcome").is_in(WON)),
            told("level", "outcome"),
        )
        .filter(pl.col("day").is_not_null())
        .pipe(only_counted)
    )


def talks(answered: pl.DataFrame, denied: pl.DataFrame) -> pl.DataFrame:
    """One case for each answered talk, and for each that was only recorded with its denial."""
    known = answered.select("denial_id").drop_nulls()
    alone = denied.filter(pl.col("talk_outcome") != "").join(known, on="denial_id", how="anti")
    both = pl.concat(
        [
            answered.select("encounter_id", "record_id", "outcome", "day", "payer"),
            alone.select(
                "encounter_id", pl.col("denial_id").alias("record_id"), pl.col("talk_outcome").alias("outcome"),
                pl.col("talked_on").alias("day"), "payer",
            ),
        ]
    )  # fmt: skip
    return both.with_columns(
        because(("not_held", pl.col("outcome") == "not_held")), *share(pl.col("outcome").is_in(WON)), told("outcome")
    ).pipe(only_counted)


def turnaround(asked: pl.DataFrame) -> pl.DataFrame:
    """One case for each request: elapsed hours to the first answer that decides."""
    undecided = pl.col("decided_at").is_null()
    return asked.with_columns(
        pl.coalesce("decided_on", "asked_on").alias("day"),
        because(
            ("cancelled", undecided & pl.col("cancelled")),
            ("undecided", undecided),
            ("before_request", pl.col("decided_at") < pl.col("asked_at")),
        ),
        hours(pl.col("decided_at") - pl.col("asked_at")).alias("value"),
        told("expedited"),
    ).pipe(only_counted)
