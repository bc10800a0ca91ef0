"""What the census lends to the worklists: the lists of the house, the columns of a stay, its chips and filters."""

from app.census.narrowing import FILTERS
from app.security.permissions import Permission
from app.web.lists import (
    Chip,
    Column,
    Export,
    Field,
    Join,
    Lends,
    RowAction,
    SortKey,
    WorkList,
    day_text,
    local,
    machine_text,
)

_HERE = "e.status in ('admitted', 'on_leave')"
# The second midnight of an observation stay is a date of the calendar: two nights after the day on which it began.
_SECOND_MIDNIGHT = f"(({local('t.watched')}::date + 2)::timestamp at time zone %(zone)s::text)"
# The hours of observation end when the patient leaves.
_WATCHED_TO = "least(%(now)s::timestamptz, e.discharge_at)"


JOINS = (
    # The numbers of a stay, its own and those united with it, looked up once for a row, whatever asks ("offset 0").
    # Records are found by `encounter_id = any(sp.ids)`, never by a join with the parts: the planner takes the row
    # policies for so dear that it would rather read the whole table for every row of a list.
    Join(
        "parts",
        "cross join lateral (select array(select e.id union all select f.id from encounter f"
        " where f.united_into_id = e.id and f.gone_at is not null) as ids offset 0) sp",
    ),
    Join(
        "start",
        "cross join lateral (select coalesce(least(e.observation_at, e.inpatient_at),"
        " e.start_at) as began, coalesce(e.observation_at, e.class_since, e.start_at) as watched) t",
    ),
    Join(
        "dates",
        "cross join lateral (select case when e.pending_kind = 'discharge' then e.pending_at end as leaves,"
        f" case when e.patient_class = 'OBS' then {_SECOND_MIDNIGHT} end as second_midnight) i",
        needs=("start",),
    ),
    Join(
        "days",
        f"cross join lateral (select case when e.status = 'discharged' then {local('e.discharge_at')}::date"
        f" else %(today)s::date end - {local('t.began')}::date + 1 as day) s",
        needs=("start",),
    ),
    Join("unit", "left join unit w on w.facility_id = e.facility_id and w.code = e.unit"),
)

PATIENT = Column(
    "patient",
    "Patient",
    "pt",
    "census/cells/_patient.html",
    place=30,
    sort="name",
    fields=(
        Field(
            "name",
            "case when p.family = '' and p.given = '' then 'Name not sent'"
            " else concat_ws(', ', nullif(p.family, ''), nullif(p.given, '')) end",
        ),
        Field(
            "who",
            "concat_ws(' ', case when p.birth_text ~ '^[0-9]{8}' then"
            " ((%(today_number)s::int - left(p.birth_text, 8)::int) / 10000)::text end, nullif(p.sex, ''))",
        ),
        Field(
            "place",
            "case when e.location = '' then 'no bed' else concat_ws(' ', nullif(e.unit, ''),"
            " nullif(concat_ws('-', nullif(e.room, ''), nullif(e.bed, '')), '')) end",
        ),
    ),
    export=(
        Export("name", "Patient"),
        Export(
            "age",
            "Age",
            "case when p.birth_text ~ '^[0-9]{8}' then"
            " (%(today_number)s::int - left(p.birth_text, 8)::int) / 10000 end",
            "count",
        ),
        Export("sex", "Sex", "p.sex"),
        Export("visit", "Visit", "e.visit_number"),
        Export("unit", "Unit", "e.unit"),
        Export("room", "Room", "e.room"),
        Export("bed", "Bed", "e.bed"),
    ),
    paper=("name", "who", "place"),
)

WHY = Column(
    "why",
    "Next step, why",
    "",
    "census/cells/_why.html",
    place=40,
    fields=(
        Field(
            "attending",
            "case when e.attending_name <> '' then e.attending_name when e.attending_number <> ''"
            " then 'Attending ' || e.attending_number else 'Attending not sent' end",
        ),
        Field("service", "e.service"),
    ),
    export=(Export("attending", "Attending"), Export("service", "Service")),
    paper=("attending", "service", "chips", "note"),
)

CLASS = Column(
    "class",
    "Class",
    "class",
    "census/cells/_class.html",
    place=50,
    sort="class",
    joins=("start",),
    fields=(
        Field(
            "class_text",
            "case e.patient_class when 'IP' then 'Inpatient' when 'OBS' then 'Obs' else e.patient_class end",
        ),
        Field(
            "watched_iso",
            "case when e.patient_class = 'OBS' and e.status <> 'discharged'"
            f" then {machine_text('t.watched')} else '' end",
        ),
        Field(
            "watched",
            f"case when e.patient_class = 'OBS' then greatest(0, extract(epoch from {_WATCHED_TO}"
            f" - t.watched)::bigint / 3600)::text || ':' || lpad((greatest(0, extract(epoch from {_WATCHED_TO}"
            " - t.watched)::bigint / 60) %% 60)::text, 2, '0') || ' h' else '' end",
        ),
        Field(
            "class_since", f"case when e.class_since is null then '' else 'from ' || {day_text('e.class_since')} end"
        ),
    ),
    export=(
        Export(
            "class",
            "Class",
            "case e.patient_class when 'IP' then 'Inpatient' when 'OBS' then 'Observation' else e.patient_class end",
        ),
        Export("since", "Class since", "e.class_since", "instant"),
        Export(
            "observed_hours",
            "Hours of observation",
            "case when e.patient_class = 'OBS' then"
            f" greatest(0, extract(epoch from {_WATCHED_TO} - t.watched)::bigint / 3600) end",
            "count",
        ),
    ),
    paper=("class_text", "watched", "class_since"),
)

DAY = Column(
    "day",
    "Stay",
    "day",
    "census/cells/_day.html",
    place=60,
    sort="day",
    joins=("days",),
    fields=(
        Field("day", "coalesce('Day ' || s.day, 'Start not sent')"),
        Field("gmlos", "case when e.gmlos > 0 then 'of GMLOS ' || to_char(e.gmlos, 'FM990.0') else '' end"),
        Field("over", "coalesce(s.day > e.gmlos, false)", bool),
        Field(
            "bar", "case when e.gmlos > 0 then least(44, greatest(0, round(44 * s.day / e.gmlos)))::int else 0 end", int
        ),
    ),
    export=(
        Export("stay_day", "Day of stay", "s.day", "count"),
        Export("gmlos_days", "GMLOS", "e.gmlos::float8", "measure"),
        Export("past_gmlos", "Past GMLOS", "coalesce(s.day > e.gmlos, false)", "yes"),
    ),
    paper=("day", "gmlos"),
)

PAYER = Column(
    "payer",
    "Payer",
    "pay",
    "census/cells/_payer.html",
    place=80,
    sort="payer",
    fields=(
        Field(
            "payer",
            "case when e.payer_name <> '' then e.payer_name when e.payer_code <> '' then e.payer_code"
            " else 'No payer sent' end",
        ),
        Field("drg", "case when e.drg <> '' then 'DRG ' || e.drg else '' end"),
    ),
    export=(Export("payer", "Payer"), Export("drg_code", "DRG", "e.drg")),
    paper=("payer", "drg"),
)

_FIRST = "case when e.pending_kind = 'discharge' then case when a.user_id is null and %(lead)s::boolean"

CHIPS = (
    Chip(
        "leaving",
        f"{_FIRST} then 'red alert leaving, nobody has it' else 'amber truck discharge pending' end end",
        10,
        joins=("owner",),
    ),
    Chip(
        "moving",
        "case when e.pending_kind = 'transfer' then 'blue swap to ' || coalesce(nullif(split_part("
        "e.pending_location, '^', 1), ''), 'another unit') end",
        20,
    ),
    Chip("away", "case when e.status = 'on_leave' then 'amber home on leave' end", 30),
    Chip(
        "watched",
        f"case when e.patient_class = 'OBS' and {_WATCHED_TO} - t.watched > interval '24 hours'"
        " then 'amber hour obs past 24 h' end",
        40,
        joins=("start",),
    ),
    Chip("long", "case when s.day > e.gmlos then 'red clock past GMLOS' end", 50, joins=("days",)),
    Chip("inferred", "case when e.inferred then 'gray ask admission not received' end", 60),
    Chip(
        "flag",
        "case e.sensitivity when 'vip' then 'violet lock VIP' when 'employee' then 'violet lock employee'"
        " when 'part2' then 'violet lock 42 CFR Part 2' when 'psychiatric' then 'violet lock psychiatry' end",
        5,
    ),
)

SORTS = (
    SortKey("name", "Name", 'lower(p.family || chr(9) || p.given) collate "pg_c_utf8"'),
    SortKey("class", "Class", "e.patient_class"),
    SortKey("day", "Day of stay", "s.day", joins=("days",)),
    SortKey("payer", "Payer", "nullif(lower(e.payer_name), '')"),
    SortKey("unit", "Unit and bed", "nullif(e.unit || chr(9) || e.room || chr(9) || e.bed, chr(9) || chr(9))"),
    SortKey("service", "Service", "nullif(e.service, '')"),
    SortKey("attending", "Attending", "nullif(lower(e.attending_name), '')"),
    SortKey("over", "Days past GMLOS", "s.day - e.gmlos", joins=("days",)),
)

LISTS = (
    WorkList(
        "inpatient",
        "Inpatient",
        f"{_HERE} and e.patient_class = 'IP'",
        ("next", "unit"),
        "No inpatient is in the house.",
        restricted="r.patient_class = 'IP'",
    ),
    WorkList(
        "observation",
        "Observation",
        f"{_HERE} and e.patient_class = 'OBS'",
        ("next", "unit"),
        "Nobody is in observation.",
        restricted="r.patient_class = 'OBS'",
    ),
)

LENDS = Lends(
    joins=JOINS,
    columns=(PATIENT, WHY, CLASS, DAY, PAYER),
    chips=CHIPS,
    filters=FILTERS,
    sorts=SORTS,
    actions=(
        RowAction("open", "Open stay", "/encounters/{id}", Permission.STAY_SEE, kind="primary", place=10, reads=True),
    ),
    lists=LISTS,
)
