"""Final codings of the stays that ended some days ago, as a file that the import takes."""

import csv
import io
from datetime import date, timedelta
from random import Random

from app.demo.hospital import ACUTE, LTCH
from app.demo.plan import Plan
from app.kernel.days import local_day
from app.metrics.value_sets.coded_import import TakeCoded, TakenCoded, import_coded
from app.platform.work import everywhere, reading

AFTER = timedelta(days=5)
"""Codings are final so long after the departure."""
_LATE, _NEWER = 0.05, 0.03
_VENTILATED, _STENT, _COLON = "5A1955Z", "027034Z", "0DTN4ZZ"
_PROCEDURES = {
    "004": ("0B110F4", _VENTILATED), "207": (_VENTILATED,), "208": ("5A1945Z",), "235": ("021009W",),
    "236": ("02100Z9",), "321": (_STENT, "4A023N7"), "322": (_STENT,), "329": ("0DT80ZZ",), "330": (_COLON,),
    "377": ("0DB68ZX", "30233N1"), "378": ("0DJ08ZZ",), "418": ("0FT44ZZ",), "419": ("0FT44ZZ",), "470": ("0SRC0J9",),
    "480": ("0QS604Z",), "481": ("0QS636Z",), "522": ("0SRR0JZ",), "573": ("0JB90ZZ",), "592": ("0JD80ZZ",),
    "682": ("5A1D70Z",), "812": ("30233N1",), "840": ("3E03305",), "853": (_COLON,), "871": ("02HV33Z",),
    "897": ("HZ2ZZZZ",),
}  # fmt: skip
_REPLACED = {"J18.9": "J1282", "J69.0": "U071"}
_TREATED = "XW033E5"  # in use since 2020: no map of 2019 knows it
_STAYS = """
select e.visit_number, e.drg, e.disposition, e.discharge_at,
  coalesce((select d.code from diagnosis d where d.encounter_id = e.id and d.code <> ''
    order by d.kind = 'F' desc, d.kind = 'W' desc, d.rank limit 1), '')
from encounter e join facility f on f.id = e.facility_id
where f.code = %s and e.status = 'discharged' and e.gone_at is null and e.patient_class = 'IP'
  and e.discharge_at < %s and e.visit_number <> '' order by e.visit_number
"""
_COLUMNS = ("visit_number", "principal_dx", "coded_on", "ms_drg", "disposition", "procedures")


def code_stays(plan: Plan) -> list[TakenCoded]:
    """Take one file for each hospital. Taking it again changes nothing."""
    return [import_coded(code, TakeCoded(f"final-coding-{code}.csv", _file(plan, code))) for code in (ACUTE, LTCH)]


def _file(plan: Plan, code: str) -> bytes:
    with reading(everywhere("demo")) as view:
        ended = view.rows(lambda *row: row, _STAYS, (code, plan.now - AFTER))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for visit, group, disposition, left_at, diagnosis in ended:
        luck = Random(f"{plan.seed} {code} {visit} coding")
        if diagnosis and luck.random() >= _LATE:
            coded = _coded_on(local_day(left_at, plan.zone), luck)
            principal, procedures = _codes(group, diagnosis, luck)
            writer.writerow((visit, principal, coded.isoformat(), group, disposition, procedures))
    return text.getvalue().encode()


def _coded_on(left: date, luck: Random) -> date:
    return left + timedelta(days=luck.randint(2, 5))


def _codes(group: str, diagnosis: str, luck: Random) -> tuple[str, str]:
    """Principal diagnosis and procedures; a few are younger than the maps."""
    procedures = list(_PROCEDURES.get(group, ()))
    if group in ("177", "193") and luck.random() < _NEWER:
        procedures.append(_TREATED)
    if diagnosis in _REPLACED and luck.random() < _NEWER:
        diagnosis = _REPLACED[diagnosis]
    return diagnosis, " ".join(procedures)
