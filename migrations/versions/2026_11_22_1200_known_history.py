"""What was known when: versions of stays and patients, for showing lists as of an instant."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.functions import RESTRICTED
from migrations.helpers import (
    APP_ROLE,
    IN_SCOPE,
    KNOWN_AT,
    NOT_ATTENDING,
    execute,
    granted,
    never_emptied,
    remembered_from_copies,
    scoped,
    scoped_by_facility,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The calendar in halves of halves, down to minutes: a period lies in the smallest piece that holds it whole, and the
# pieces around one instant are 28. The piece that never ends is 0.
NODES = """
create function app_as_of() returns timestamptz language sql stable as $$
  select nullif(current_setting('app.as_of', true), '')::timestamptz $$;
create function known_node(since timestamptz, until timestamptz) returns bigint language sql immutable as $$
  select case when until = 'infinity' then 0 else ((a >> l) * 2 + 1) << l end
  from (select a, length(ltrim((a # b)::int::bit(32)::text, '0')) as l
    from (select floor(extract(epoch from greatest(since, '1970-01-01 00:00+00')
          - timestamptz '1970-01-01 00:00+00') / 60)::bigint as a,
        floor(extract(epoch from least(until, '2200-01-01 00:00+00')
          - timestamptz '1970-01-01 00:00+00') / 60)::bigint as b) minutes) pieces $$;
create function app_as_of_nodes() returns bigint[] language sql stable as $$
  select array_append(array_agg(((t >> l) * 2 + 1) << l), 0)
  from (select floor(extract(epoch from app_as_of()) / 60)::bigint as t) minute, generate_series(0, 27) l $$;
"""

# A stay that is part of another one now is as hidden as that one.
HIDDEN = """
create function app_hidden_history() returns uuid[] language sql stable security definer
  set search_path = public, pg_temp as $$
  with recursive hidden(id) as (
    select unnest(app_hidden_stays())
    union select e.id from encounter e join hidden h on e.united_into_id = h.id)
  select coalesce(array_agg(id), '{}') from hidden $$;
"""

_TAKEN_NOW = "and e.facility_id = any(app_whole()) and e.id = any(app_hidden_stays())"
RESTRICTED_AS_OF = (
    RESTRICTED.replace("create function", "create or replace function").replace(
        _TAKEN_NOW + " $$;",
        "and e.facility_id = any(app_whole()) and e.id = any(app_hidden_stays()) and (select app_as_of()) is null",
    )
    + """
  union all
  select e.encounter_id, e.facility_id, e.unit, e.room, e.bed, e.patient_class, e.visit_number, p.number
  from encounter_known e join patient p on p.id = e.patient_id
  where e.status in ('admitted', 'on_leave') and e.facility_id = any(app_whole())
    and e.encounter_id = any((select app_hidden_history())::uuid[])
    and e.node = any((select app_as_of_nodes())::bigint[])
    and e.known_from <= (select app_as_of()) and e.known_until > (select app_as_of()) $$;
"""
)

# As before, with the instant at which each fact was known.
CONNECTED = """
drop function connected_facts(varchar[]);
create function connected_facts(wanted varchar[]) returns table (payload text, known_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp
  set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off set work_mem = '256kB' as $$
  with recursive reached(key) as (
    select unnest(wanted)
    union
    select f.key from reached r
      cross join lateral (select unnest(a.keys) as key from adt_fact a where a.keys @> array[r.key]) f)
  select a.payload::text, a.known_at from adt_fact a
  where app_interface() and a.keys && (select array_agg(key) from reached) $$;
"""

# Of a live feed: when it was received. Of files, replays and the simulation: the recorded clock, which counts at most
# until the message was here.
KNOWN_SINCE = """
alter table adt_fact add column known_at timestamptz;
update adt_fact f set known_at = case m.source when 'mllp' then m.received_at
  else least(f.recorded_at, m.received_at) end from inbound_message m where m.id = f.message_id;
update adt_fact set known_at = recorded_at where known_at is null;
alter table adt_fact alter column known_at set not null;
"""

_PLAIN = (
    "authority", "visit_number", "account_number", "patient_id", "home_patient_id", "status", "patient_class",
    "start_at", "admit_at", "inpatient_at", "observation_at", "class_since", "discharge_at", "discharge_precise",
    "disposition", "unit", "room", "bed", "location", "place_facility", "last_location", "service", "attending_number",
    "attending_name", "admit_source", "admit_type", "admit_reason", "financial_class", "payer_code", "payer_name",
    "drg", "gmlos", "expected_discharge_at", "pending_kind", "pending_location", "pending_at", "sensitivity",
    "inferred", "first_message_id",
)  # fmt: skip
_PERSON = (
    "authority", "number", "facility_ids", "status", "merged_into_id", "family", "given", "middle", "suffix",
    "birth_text", "sex", "deceased", "zip_code", "phone", "language", "sensitivity", "identifiers",
)  # fmt: skip
_THEN = f"k.known_from <= {KNOWN_AT} and k.known_until > {KNOWN_AT}"
_STAY_THEN = f"k.node = any((select app_as_of_nodes())::bigint[]) and {_THEN}"


def upgrade() -> None:
    execute(KNOWN_SINCE)
    execute(NODES)
    _tables()
    for statement in (HIDDEN, RESTRICTED_AS_OF, CONNECTED):
        execute(statement)
    _policies()
    _views()
    functions = (
        "app_as_of()", "known_node(timestamptz, timestamptz)", "app_as_of_nodes()", "app_hidden_history()",
        "connected_facts(varchar[])",
    )  # fmt: skip
    for function in functions:
        execute(f"revoke execute on function {function} from public")
        execute(f"grant execute on function {function} to {APP_ROLE}")
    execute("insert into unremembered (message_id, facility_id) select message_id, facility_id from adt_fact")


def _policies() -> None:
    """Who may see the past of a stay is decided by what holds today."""
    for table in ("encounter_known", "patient_known", "unremembered"):
        granted(table)
        never_emptied(table)
    scoped(
        "encounter_known",
        f"{IN_SCOPE} and case when {NOT_ATTENDING} then not (encounter_id = any((select app_hidden_history())::uuid[]))"
        " else encounter_id in (select e.id from encounter e) end",
        IN_SCOPE,
    )
    scoped(
        "patient_known",
        "exists (select 1 from patient p where p.id = patient_known.patient_id)",
        "facility_ids && (select app_facilities())::smallint[]",
    )
    scoped_by_facility("unremembered")


def _views() -> None:
    """Views with the names of the tables, found first under `search_path = as_of, public`."""
    execute("create schema as_of")
    execute(f"grant usage on schema as_of to {APP_ROLE}")
    stay = ", ".join(f"k.{name}" for name in _PLAIN)
    _view(
        "encounter",
        f"select k.encounter_id as id, k.serial, k.facility_id, {stay}, null::timestamptz as gone_at,"
        f" null::uuid as united_into_id, k.known_from as updated_at from public.encounter_known k where {_STAY_THEN}",
    )
    person = ", ".join(f"k.{name}" for name in _PERSON)
    _view("patient", f"select k.patient_id as id, {person} from public.patient_known k where {_THEN}")
    _part("movement", "movements", "lane smallint, value text, label text, since timestamptz, until timestamptz")
    _part(
        "coverage",
        "coverage",
        "rank int, payer_code text, payer_name text, plan_code text, group_number text, member_number text,"
        " starts_text text, ends_text text",
    )
    _part("diagnosis", "diagnoses", "rank int, code text, text text, kind text")
    for table in ("note", "unit"):
        remembered_from_copies(table)


def _view(name: str, query: str) -> None:
    execute(f"create view as_of.{name} with (security_invoker = true) as {query}")
    execute(f"grant select on as_of.{name} to {APP_ROLE}")


def _part(name: str, column: str, shape: str) -> None:
    """A view on what hung on a stay, out of the version of the stay. These rows had no lasting keys."""
    own = ", ".join(f"r.{part.split()[0]}" for part in shape.split(", "))
    serial = ", k.serial as stay_serial" if name == "movement" else ""
    _view(
        name,
        f"select null::uuid as id, k.encounter_id, k.facility_id{serial}, {own} from public.encounter_known k"
        f" cross join lateral jsonb_to_recordset(k.{column}) as r ({shape}) where {_STAY_THEN}",
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default=sa.text("''"), nullable=False)


def _instants(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [_text(name) for name in names]


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)


def _tables() -> None:
    op.create_table(
        "encounter_known",
        sa.Column("encounter_id", sa.Uuid(), nullable=False),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("node", sa.BigInteger(), sa.Computed("known_node(known_from, known_until)", persisted=True),
                  nullable=True),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        *_texts("authority", "visit_number", "account_number"),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("home_patient_id", sa.Uuid(), nullable=False),
        *_texts("status", "patient_class"),
        *_instants("start_at", "admit_at", "inpatient_at", "observation_at", "class_since", "discharge_at"),
        sa.Column("discharge_precise", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        *_texts("disposition", "unit", "room", "bed", "location", "place_facility", "last_location", "service",
                "attending_number", "attending_name", "admit_source", "admit_type", "admit_reason", "financial_class",
                "payer_code", "payer_name", "drg"),
        sa.Column("gmlos", sa.Float(), nullable=True),
        *_instants("expected_discharge_at"),
        *_texts("pending_kind", "pending_location"),
        *_instants("pending_at"),
        _text("sensitivity"),
        sa.Column("inferred", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("first_message_id", sa.BigInteger(), server_default="0", nullable=False),
        _json("movements"),
        _json("coverage"),
        _json("diagnoses"),
        sa.ForeignKeyConstraint(["encounter_id"], ["encounter.id"],
                                name=op.f("fk_encounter_known_encounter_id_encounter")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_encounter_known_facility_id_facility")),
        sa.PrimaryKeyConstraint("encounter_id", "known_from", name=op.f("pk_encounter_known")),
    )  # fmt: skip
    op.create_index(
        "ix_encounter_known_house", "encounter_known", ["facility_id", "node", "known_until"], unique=False,
        postgresql_where=sa.text("status in ('admitted', 'on_leave')"),
    )  # fmt: skip
    op.create_index(
        "ix_encounter_known_departed", "encounter_known", ["facility_id", "discharge_at"], unique=False,
        postgresql_where=sa.text("status = 'discharged'"),
    )  # fmt: skip
    op.create_table(
        "patient_known",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known_until", sa.DateTime(timezone=True), nullable=False),
        *_texts("authority", "number"),
        sa.Column("facility_ids", postgresql.ARRAY(sa.SmallInteger()), server_default="{}", nullable=False),
        sa.Column("status", sa.String(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        *_texts("family", "given", "middle", "suffix", "birth_text", "sex", "deceased", "zip_code", "phone", "language",
                "sensitivity"),
        _json("identifiers"),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_patient_known_patient_id_patient")),
        sa.PrimaryKeyConstraint("patient_id", "known_from", name=op.f("pk_patient_known")),
    )  # fmt: skip
    op.create_table(
        "unremembered",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("facility_id", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_unremembered_facility_id_facility")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_unremembered")),
    )


def downgrade() -> None:
    raise NotImplementedError("Steps go forward only; restore a backup to go back.")
