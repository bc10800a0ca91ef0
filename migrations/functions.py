"""Functions of the first step: the scope of a transaction, the audit trigger, the seals, the session look-up."""

SCOPE = """
create function app_facilities() returns smallint[] language sql stable as $$
  select case coalesce(current_setting('app.facilities', true), '')
    when '' then '{}'::smallint[]
    when '*' then (select coalesce(array_agg(id), '{}') from facility)
    else current_setting('app.facilities', true)::smallint[] end $$;
create function app_sensitive() returns smallint[] language sql stable as $$
  select case coalesce(current_setting('app.sensitive', true), '')
    when '' then '{}'::smallint[]
    when '*' then (select coalesce(array_agg(id), '{}') from facility)
    else current_setting('app.sensitive', true)::smallint[] end $$;
create function app_opened() returns uuid[] language sql stable as $$
  select coalesce(nullif(current_setting('app.opened', true), ''), '{}')::uuid[] $$;
create function app_everywhere() returns boolean language sql stable as $$
  select coalesce(current_setting('app.facilities', true), '') = '*' $$;
create function app_person() returns uuid language sql stable as $$
  select nullif(current_setting('app.actor_id', true), '')::uuid $$;
create function app_attending() returns text language sql stable as $$
  select nullif(current_setting('app.attending', true), '') $$;
create function app_attending_at() returns smallint[] language sql stable as $$
  select coalesce(nullif(current_setting('app.attending_at', true), ''), '{}')::smallint[] $$;
create function app_whole() returns smallint[] language sql stable as $$
  select coalesce(array_agg(id), '{}') from unnest(app_facilities()) id where not (id = any(app_attending_at())) $$;
create function app_interface() returns boolean language sql stable as $$
  select coalesce(current_setting('app.interface', true), '') = 'on' $$;
create function app_hidden_stays() returns uuid[] language sql stable security definer
  set search_path = public, pg_temp as $$
  select coalesce(array_agg(id), '{}') from encounter
  where sensitivity <> '' and not (facility_id = any(app_sensitive())) and not (id = any(app_opened()))
    and not (facility_id = any(app_attending_at()) and attending_number is not distinct from app_attending()) $$;
"""

# What a list shows of a stay that its reader may not see: that the bed is taken, nothing of the person.
RESTRICTED = """
create function restricted_stays() returns table
  (id uuid, facility_id smallint, unit text, room text, bed text, patient_class text, visit_number text, number text)
  language sql stable security definer set search_path = public, pg_temp as $$
  select e.id, e.facility_id, e.unit, e.room, e.bed, e.patient_class, e.visit_number, p.number
  from encounter e join patient p on p.id = e.patient_id
  where e.status in ('admitted', 'on_leave') and e.sensitivity <> ''
    and e.facility_id = any(app_whole()) and e.id = any(app_hidden_stays()) $$;
"""

# All facts that share a number with the given ones, transitively. As the owner, because an index on an array is of no
# use to a role under row policies: what is not leakproof is compared only after the policy. Only bitmap scans are left:
# a plan that was made while the table was small must not be kept when it has a million rows. Little memory, because the
# planner expects millions of numbers and would clear room for them at every call.
CONNECTED = """
create function connected_facts(wanted varchar[]) returns table (payload text)
  language sql stable security definer set search_path = public, pg_temp
  set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off set work_mem = '256kB' as $$
  with recursive reached(key) as (
    select unnest(wanted)
    union
    select f.key from reached r
      cross join lateral (select unnest(a.keys) as key from adt_fact a where a.keys @> array[r.key]) f)
  select a.payload::text from adt_fact a
  where app_interface() and a.keys && (select array_agg(key) from reached) $$;
"""

AUDIT_ROW = """
create function audit_row() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
declare
  actor text := coalesce(current_setting('app.actor', true), '');
  moment text := coalesce(current_setting('app.now', true), '');
  old_row jsonb; new_row jsonb; any_row jsonb;
begin
  if actor = '' or moment = '' then
    raise exception 'A change of % needs an actor and a time.', tg_table_name using errcode = 'insufficient_privilege';
  end if;
  if tg_op <> 'INSERT' then old_row := to_jsonb(old) - string_to_array(tg_argv[1], ','); end if;
  if tg_op <> 'DELETE' then new_row := to_jsonb(new) - string_to_array(tg_argv[1], ','); end if;
  any_row := coalesce(new_row, old_row);
  perform set_config('app.changed', tg_table_name, true);
  insert into row_change (at, actor, table_name, row_key, facility_id, encounter_id, operation, old, new)
  values (moment::timestamptz, actor, tg_table_name, coalesce(any_row ->> tg_argv[0], ''),
    (any_row ->> 'facility_id')::smallint,
    case tg_table_name when 'encounter' then any_row ->> 'id' else any_row ->> 'encounter_id' end::uuid,
    lower(tg_op), old_row, new_row);
  return null;
end $$;
create function refuse_truncate() returns trigger language plpgsql as $$
begin
  raise exception '% is not emptied in one stroke: no copy of its rows would be kept.', tg_table_name;
end $$;
"""

# Rows are hashed as JSON arrays: with a mere separator a value could move into the next column unseen, and an empty
# column would leave no trace. The first seal also covers numbers below one, which no honest row has.
SEALS = """
create function audit_digest(before bytea, e0 bigint, e1 bigint, c0 bigint, c1 bigint, a0 bigint, a1 bigint,
    out digest bytea, out counted bigint) language sql stable security definer
  set search_path = public, pg_temp set timezone = 'UTC' set datestyle = 'ISO' as $$
  with line as (
    select 1 as kind, id, json_build_array(1, id, extract(epoch from at), actor, actor_id, name, facility_id,
      encounter_id, patient_id, facts)::text as body
    from audit_event where id > case e0 when 0 then -9223372036854775807 else e0 end and id <= e1
    union all
    select 2, id, json_build_array(2, id, extract(epoch from at), actor, table_name, row_key, facility_id,
      encounter_id, operation, old, new)::text
    from row_change where id > case c0 when 0 then -9223372036854775807 else c0 end and id <= c1
    union all
    select 3, id, json_build_array(3, id, extract(epoch from at), actor, actor_id, route, kind, address, detail,
      patients, facilities)::text
    from phi_access where id > case a0 when 0 then -9223372036854775807 else a0 end and id <= a1)
  select sha256(before || convert_to(coalesce(string_agg(body, E'\\n' order by kind, id), ''), 'UTF8')),
    count(*) from line $$;
create function audit_seal_up_to(moment timestamptz, e1 bigint, c1 bigint, a1 bigint) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare last audit_seal%rowtype; made bytea; counted bigint;
begin
  lock table audit_seal in share row exclusive mode;
  select * into last from audit_seal order by id desc limit 1;
  if not found then
    last.id := 0; last.event_to := 0; last.change_to := 0; last.access_to := 0; last.digest := ''::bytea;
  end if;
  e1 := greatest(least(e1, (select max(id) from audit_event), last.event_to + 2000), last.event_to);
  c1 := greatest(least(c1, (select max(id) from row_change), last.change_to + 2000), last.change_to);
  a1 := greatest(least(a1, (select max(id) from phi_access), last.access_to + 2000), last.access_to);
  if e1 = last.event_to and c1 = last.change_to and a1 = last.access_to then return 0; end if;
  select d.digest, d.counted into made, counted
    from audit_digest(last.digest, last.event_to, e1, last.change_to, c1, last.access_to, a1) d;
  insert into audit_seal (id, at, form, event_to, change_to, access_to, rows, digest)
  values (last.id + 1, moment, 1, e1, c1, a1, counted, made);
  return (e1 - last.event_to) + (c1 - last.change_to) + (a1 - last.access_to);
end $$;
"""

# One round trip for every request: the session, its person, grants, facilities and opened stays. It notes the use of a
# session at most once a minute, so that reading a page seldom writes.
SESSIONS = """
create function find_session(wanted bytea, moment timestamptz, idle interval, touch boolean) returns table
  (session_id uuid, user_id uuid, name text, display_name text, credentials text, attending_number text,
   single_keys boolean, must_change boolean, has_totp boolean, facility_id smallint, grants jsonb, places jsonb,
   opened uuid[])
  language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare found_row user_session%rowtype;
begin
  select * into found_row from user_session s
  where s.digest = wanted and s.ended_at is null and s.expires_at > moment and s.seen_at > moment - idle;
  if not found then return; end if;
  if touch and found_row.seen_at < moment - interval '1 minute' then
    update user_session set seen_at = moment where id = found_row.id;
  end if;
  return query select found_row.id, u.id, u.name::text, u.display_name::text, u.credentials::text,
    u.attending_number::text, u.single_keys, u.must_change_password, u.totp_confirmed_at is not null,
    found_row.facility_id,
    (select jsonb_agg(jsonb_build_array(g.role, g.facility_id) order by g.granted_at, g.id)
     from role_grant g where g.user_id = u.id),
    (select jsonb_agg(jsonb_build_array(f.id, f.code, f.name, f.timezone, f.totp_required) order by f.name)
     from facility f),
    (select array_agg(a.encounter_id) from stay_access a
     where a.user_id = u.id and (a.until is null or a.until > moment))
  from app_user u where u.id = found_row.user_id and u.active;
end $$;
"""

# Finding by the beginning of a name or number. Row policies would keep the planner from the prefix indexes (lower() may
# not run before a policy), so these look as the owner and hand out keys only; who asks reads the rows by those keys
# under the policies. The bounds are written as ranges, so that one prepared plan serves every prefix.
FINDING = """
create function find_patients(families text[], givens text[], most integer) returns setof uuid language sql stable
  security definer set search_path = public, pg_temp as $$
  select f.id from unnest(families, givens) as w(family, given) cross join lateral (
    select p.id from patient p
    where lower(p.family) ~>=~ w.family and lower(p.family) ~<~ (w.family || chr(1114111))
      and (w.given = '' or (lower(p.given) ~>=~ w.given and lower(p.given) ~<~ (w.given || chr(1114111))))
      and p.facility_ids && app_facilities()
    limit most) f $$;
create function find_numbers(wanted text, most integer) returns table (id uuid, exact boolean) language sql stable
  security definer set search_path = public, pg_temp as $$
  with patients as (
    select p.id, lower(p.number) = wanted as exact from patient p
    where wanted <> '' and lower(p.number) ~>=~ wanted and lower(p.number) ~<~ (wanted || chr(1114111))
      and p.facility_ids && app_facilities()
    limit most)
  select e.id, p.exact from patients p join encounter e on e.patient_id = p.id
  union select e.id, p.exact from patients p join encounter e on e.home_patient_id = p.id
  union (select e.id, lower(e.visit_number) = wanted from encounter e
    where wanted <> '' and lower(e.visit_number) ~>=~ wanted and lower(e.visit_number) ~<~ (wanted || chr(1114111))
      and e.facility_id = any(app_facilities())
    limit most) $$;
"""

FUNCTIONS = (SCOPE, RESTRICTED, CONNECTED, AUDIT_ROW, SEALS, SESSIONS, FINDING)
