"""A table of MS-LTC-DRGs for the fiscal years of the history. Its figures are invented, and its source says so.

The program ships figures of the fiscal year 2021 only, and a threshold is shown of the year of discharge alone.
"""

import csv
import io
from random import Random

from app.census.drg.commands import TakeFile, import_file
from app.demo.cases import LONG_TERM
from app.demo.plan import Plan
from app.kernel.days import local_day
from app.platform.work import everywhere, reading
from app.regulations.drg import fiscal_year, gmlos

SOURCE = "Invented for the demonstration, no published figures.csv"
_HEADINGS = ("fiscal year", "MS-LTC-DRG", "title", "relative weight", "geometric average length of stay",
             "short-stay outlier threshold")  # fmt: skip
_KNOWN = "select true from drg_table where system = 'MS-LTC-DRG' and source = %s limit 1"


def import_groups(plan: Plan) -> None:
    """Take the table in, unless it is there."""
    with reading(everywhere("demo")) as view:
        if view.value(_KNOWN, (SOURCE,)):
            return
    import_file(TakeFile(SOURCE, table(plan)))


def table(plan: Plan) -> bytes:
    """CSV with one line for each group and fiscal year: the last year's known figures, drifted a little each year."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADINGS)
    today = local_day(plan.now, plan.zone)
    for year in range(fiscal_year(local_day(plan.start, plan.zone)), fiscal_year(today) + 1):
        for code in sorted({case.drg for case in LONG_TERM}):
            known = gmlos(code, "MS-LTC-DRG", today)
            if known is None:
                raise LookupError(f"The short table has no MS-LTC-DRG {code}.")
            luck = Random(f"{plan.seed} group {code} {year}")
            mean = round(known.gmlos * luck.uniform(0.95, 1.04), 1)
            weight = round(known.weight * luck.uniform(0.96, 1.07), 4)
            writer.writerow((year, code, known.title, weight, mean, round(mean * 5 / 6, 1)))
    return text.getvalue().encode()
