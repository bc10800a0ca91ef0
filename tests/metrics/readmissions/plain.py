"""The rules R0 to R14 a second time, one patient at a time with loops, written from their text alone.

Slow and plain on purpose: nothing here is shared with the measure, so that both have to be wrong in the same way before
a mistake goes unseen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

Row = dict[str, Any]
ACUTE = {"ACH", "CAH", "CAN"}
UNKNOWN = (
    "stay_id",
    "chain_id",
    "stay_rows",
    "los_days",
    "gmlos",
    "excess_days",
    "ccs_dx",
    "cohort",
    "planned",
    "planned_rule",
    "exclusion_reason",
    "days_to_readmit",
    "readmit_encounter_id",
)
FAR = date(9999, 1, 1)


@dataclass
class Lists:
    """Codes by meaning, as the specification names its lists."""

    dx_ccs: Mapping[str, int]
    px_ccs: Mapping[str, int]
    pr1: set[int]
    pr2: set[int]
    pr3: set[int]
    pr3_codes: set[str]
    pr4: set[int]
    pr4_codes: set[str]
    exclusions: Mapping[int, str]
    cohorts: Mapping[int, str]
    surgery: set[int]
    surgery_codes: set[str]


@dataclass
class Terms:
    """What a run is told: gmlos by fiscal year and group, age, last day of the data."""

    gmlos: Mapping[tuple[int, str], float] = field(default_factory=dict)
    min_age: int = 18
    data_end: date | None = None
    covid_excluded: bool = False


@dataclass
class Stay:
    """Rows of one continuous stay at one hospital, in order."""

    rows: list[Row]

    @property
    def last(self) -> Row:
        return max(self.rows, key=leaving)

    @property
    def admitted(self) -> date:
        return self.rows[0]["admit_date"]


def text(value: Any) -> Any:
    """An empty text is nothing."""
    return None if value == "" else value


def order(row: Row) -> tuple[Any, ...]:
    """R2; a stay without an end stands after one with an end."""
    left = row["discharge_ts_utc"]
    return (row["admit_ts_utc"], left is None, left or row["admit_ts_utc"], row["encounter_id"])


def leaving(row: Row) -> tuple[Any, ...]:
    """Who leaves later: by local date, then by instant, then by R2."""
    left = row["discharge_ts_utc"]
    return (row["discharge_date"] or FAR, left is None, left or row["admit_ts_utc"], order(row))


def is_acute(row: Row) -> bool:
    return row["patient_class"] == "I" and row["facility_type"] in ACUTE


def usable_rows(acute: list[Row]) -> list[Row]:
    """R1: rows with dates that can be true; one without an end only where it is the patient's last acute row."""
    placed = sorted((row for row in acute if row["admit_ts_utc"] is not None), key=order)
    return [row for row in placed if can_be_true(row, is_last=row is placed[-1])]


def can_be_true(row: Row, *, is_last: bool) -> bool:
    if row["admit_date"] is None:
        return False
    return is_last if row["discharge_date"] is None else row["discharge_date"] >= row["admit_date"]


def continues(row: Row, stay: Stay) -> bool:
    """R3, same hospital taken for granted."""
    until = stay.last["discharge_date"] or FAR
    if row["admit_date"] < until:
        return True
    if row["admit_date"] == until:
        before = stay.rows[-1]["principal_dx"]
        if before is not None and before == row["principal_dx"]:
            return True
    return stay.rows[-1]["discharge_disposition"] == "30" and row["admit_date"] - until <= timedelta(days=1)


def stays_of(rows: list[Row]) -> list[Stay]:
    stays: list[Stay] = []
    latest: dict[str, Stay] = {}
    for row in rows:
        stay = latest.get(row["facility_id"])
        if stay is not None and continues(row, stay):
            stay.rows.append(row)
        else:
            latest[row["facility_id"]] = Stay([row])
            stays.append(latest[row["facility_id"]])
    return stays


def chains_of(stays: list[Stay]) -> list[list[Stay]]:
    """R6."""
    chains: list[list[Stay]] = []
    for stay in stays:
        if chains:
            latest = last_of(chains[-1])
            until = latest.last["discharge_date"] or FAR
            gap = (stay.admitted - until).days
            elsewhere = stay.rows[0]["facility_id"] != latest.rows[0]["facility_id"]
            if gap < 0 or (gap <= 1 and elsewhere):
                chains[-1].append(stay)
                continue
        chains.append([stay])
    return chains


def last_of(chain: list[Stay]) -> Stay:
    """R7: the stay that discharges last."""
    return max(chain, key=lambda stay: leaving(stay.last))


def planned_rule(stay: Stay, done: Iterable[str], lists: Lists) -> str | None:
    """The planned readmission algorithm 4.0."""
    dx = stay.last["principal_dx"]
    ccs = lists.dx_ccs.get(dx)
    groups = {lists.px_ccs.get(px) for px in done}
    if groups & lists.pr1:
        return "PR1"
    if ccs in lists.pr2:
        return "PR2"
    if ccs is None:
        return None
    if (groups & lists.pr3 or set(done) & lists.pr3_codes) and ccs not in lists.pr4 and dx not in lists.pr4_codes:
        return "PR3"
    return None


def cohort_of(stay: Stay, done: Iterable[str], lists: Lists) -> str | None:
    if {lists.px_ccs.get(px) for px in done} & lists.surgery or set(done) & lists.surgery_codes:
        return "Surgery/Gynecology"
    return lists.cohorts.get(lists.dx_ccs.get(stay.last["principal_dx"], -1))


def years_old(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def reason_of(stay: Stay, last: Stay, cohort: str | None, lists: Lists, terms: Terms, end: date) -> str | None:
    """The first test of index eligibility that fails."""
    row = stay.last
    dx, status = row["principal_dx"], row["discharge_disposition"]
    ccs = lists.dx_ccs.get(dx)
    kind = lists.exclusions.get(ccs) if ccs is not None else None
    surgery = cohort == "Surgery/Gynecology"
    tests = [
        ("pps_exempt_cancer_hospital", row["facility_type"] == "CAN"),
        ("still_patient", row["discharge_date"] is None or status == "30"),
        ("died", status in {"20", "40", "41", "42"}),
        ("ama", status == "07"),
        ("transferred_out", stay is not last),
        ("age", row["birth_date"] is None or years_old(row["birth_date"], stay.admitted) < terms.min_age),
        ("covid", terms.covid_excluded and dx == "U071"),
        ("dx_missing_or_unmapped", dx is None or (ccs is None and dx not in lists.pr4_codes)),
        ("psychiatric", kind == "psychiatric"),
        ("rehabilitation", kind == "rehabilitation"),
        ("medical_cancer", kind == "medical_cancer" and not surgery),
        ("no_specialty_cohort", cohort is None),
        ("runout", row["discharge_date"] is not None and row["discharge_date"] > end - timedelta(days=30)),
    ]
    return next((name for name, failed in tests if failed), None)


def of_the_row(row: Row, lists: Lists, terms: Terms) -> Row:
    """What a row says by itself."""
    out: Row = dict.fromkeys(UNKNOWN)
    out |= {"encounter_id": row["encounter_id"], "patient_id": row["patient_id"]}
    for flag in ("is_stay_rep", "index_flag", "index_flag_dispo"):
        out[flag] = False
    for flag in ("any_readmit_30", "planned_readmit_30", "unplanned_readmit_30"):
        out[flag] = False
    out["ccs_dx"] = lists.dx_ccs.get(row["principal_dx"])
    came, left = row["admit_date"], row["discharge_date"]
    if came is not None and left is not None and left >= came:
        out["los_days"] = max(1, (left - came).days)
        year = left.year + (left.month >= 10)
        out["gmlos"] = terms.gmlos.get((year, row["ms_drg"])) or None  # a group without a length has 0
        if out["gmlos"] is not None:
            out["excess_days"] = max(0.0, out["los_days"] - out["gmlos"])
    return out


def measured(encounters: list[Row], procedures: list[Row], lists: Lists, terms: Terms) -> list[Row]:
    """All output columns, one row per encounter, by encounter id."""
    done: dict[Any, list[str]] = defaultdict(list)
    for procedure in procedures:
        done[procedure["encounter_id"]].append(procedure["px"])
    patients: dict[Any, list[Row]] = defaultdict(list)
    for encounter in encounters:
        row = {name: text(value) for name, value in encounter.items()}
        patients[row["patient_id"]].append(row)
    usable = {patient: usable_rows([row for row in rows if is_acute(row)]) for patient, rows in patients.items()}
    ends = [row["discharge_date"] for rows in usable.values() for row in rows if row["discharge_date"]]
    end = terms.data_end or max(ends, default=FAR)
    found: list[Row] = []
    for patient, rows in patients.items():
        out = {row["encounter_id"]: of_the_row(row, lists, terms) for row in rows}
        for row in rows:
            out[row["encounter_id"]]["exclusion_reason"] = "invalid_dates" if is_acute(row) else "not_acute_inpatient"
        of_the_patient(usable[patient], done, lists, terms, end, out)
        found += out.values()
    return sorted(found, key=lambda row: row["encounter_id"])


def of_the_patient(
    rows: list[Row], done: Mapping[Any, list[str]], lists: Lists, terms: Terms, end: date, out: dict[Any, Row]
) -> None:
    """Stays, chains, index stays and what follows them."""
    chains = chains_of(stays_of(rows))
    for chain in chains:
        last = last_of(chain)
        for stay in chain:
            codes = [px for row in stay.rows for px in done.get(row["encounter_id"], [])]
            rule, cohort = planned_rule(stay, codes, lists), cohort_of(stay, codes, lists)
            for row in stay.rows:
                out[row["encounter_id"]] |= {
                    "stay_id": stay.rows[0]["encounter_id"],
                    "chain_id": chain[0].rows[0]["encounter_id"],
                    "stay_rows": len(stay.rows),
                    "cohort": cohort,
                    "planned": rule is not None,
                    "planned_rule": rule,
                    "exclusion_reason": "merged_into_stay",
                }
            reason = reason_of(stay, last, cohort, lists, terms, end)
            receiving_unseen = stay.last["discharge_disposition"] in {"02", "05", "66", "82", "85", "94"}
            out[stay.last["encounter_id"]] |= {
                "is_stay_rep": True,
                "exclusion_reason": reason,
                "index_flag": reason is None,
                "index_flag_dispo": reason is None and not receiving_unseen,
            }
    for before, after in pairwise(chains):
        row = last_of(before).last
        if row["discharge_date"] is None:
            continue
        first = after[0]
        days = (first.admitted - row["discharge_date"]).days
        result = out[row["encounter_id"]]
        result["days_to_readmit"] = days
        if days <= 30:
            planned = out[first.last["encounter_id"]]["planned"]
            result |= {
                "any_readmit_30": True,
                "planned_readmit_30": planned,
                "unplanned_readmit_30": not planned,
                "readmit_encounter_id": first.rows[0]["encounter_id"],
            }
