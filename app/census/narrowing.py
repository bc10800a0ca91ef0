"""What lists can be narrowed by, as far as the census knows it. The joins are those of app/census/worklist.py."""

from app.web.lists import Choice, Filter, local


def _since(span: str) -> str:
    """Whether the stay began within this span before now."""
    return f"coalesce(t.began > %(now)s::timestamptz - interval '{span}' and t.began <= %(now)s::timestamptz, false)"


FILTERS = (
    Filter("unit", "Unit", "e.unit", "coalesce(nullif(w.name, ''), e.unit)", joins=("unit",), restricted="r.unit"),
    Filter("service", "Service", "e.service", "e.service"),
    Filter("attending", "Attending", "e.attending_number", "e.attending_name"),
    Filter("payer", "Payer", "e.payer_code", "e.payer_name"),
    Filter(
        "class",
        "Class",
        "e.patient_class",
        "case e.patient_class when 'IP' then 'Inpatient' when 'OBS' then 'Observation' else e.patient_class end",
        restricted="r.patient_class",
    ),
    Filter(
        "flag",
        "Flag",
        joins=("start", "days", "plan_date"),
        choices=(
            Choice("leaving", "Discharge pending", "e.pending_kind = 'discharge'"),
            Choice("moving", "Transfer pending", "e.pending_kind = 'transfer'"),
            Choice("away", "On leave", "e.status = 'on_leave'"),
            Choice("long", "Past GMLOS", "coalesce(s.day > e.gmlos, false)"),
            Choice("due", "Expected today or before", "coalesce(pd.day <= %(today)s::date, false)"),
            Choice("undated", "No expected date", "pd.day is null"),
            Choice("inferred", "Admission not received", "e.inferred"),
        ),
    ),
    Filter(
        "status",
        "Status",
        choices=(
            Choice("in-house", "In the house", "e.status = 'admitted'"),
            Choice("on-leave", "On leave", "e.status = 'on_leave'"),
            Choice("left", "Discharged", "e.status = 'discharged'"),
        ),
    ),
    Filter(
        "admitted",
        "Admitted",
        joins=("start",),
        choices=(
            Choice("day", "In the last 24 hours", _since("24 hours")),
            Choice("three-days", "In the last 3 days", _since("72 hours")),
        ),
        day=f"{local('t.began')}::date",
    ),
)
