"""Functions of the second form of seals: a digest for each trail, and one that also covers the seal itself.

The first form (migrations/functions.py) hashed all rows together; its seals stay as they are and are verified as they
were made. What is hashed of a row is the same text in both forms, and it is what an archive keeps.
"""

SEALING = """
create function audit_lines(e0 bigint, e1 bigint, c0 bigint, c1 bigint, a0 bigint, a1 bigint)
  returns table (kind integer, id bigint, body text) language sql stable
  set search_path = public, pg_temp set timezone = 'UTC' set datestyle = 'ISO' as $$
  select 1, id, json_build_array(1, id, extract(epoch from at), actor, actor_id, name, facility_id,
    encounter_id, patient_id, facts)::text
  from audit_event where id > case e0 when 0 then -9223372036854775807 else e0 end and id <= e1
  union all
  select 2, id, json_build_array(2, id, extract(epoch from at), actor, table_name, row_key, facility_id,
    encounter_id, operation, old, new)::text
  from row_change where id > case c0 when 0 then -9223372036854775807 else c0 end and id <= c1
  union all
  select 3, id, json_build_array(3, id, extract(epoch from at), actor, actor_id, route, kind, address, detail,
    patients, facilities)::text
  from phi_access where id > case a0 when 0 then -9223372036854775807 else a0 end and id <= a1 $$;
create function audit_parts(e0 bigint, e1 bigint, c0 bigint, c1 bigint, a0 bigint, a1 bigint,
    out parts bytea[], out counts bigint[]) language sql stable
  set search_path = public, pg_temp as $$
  select array_agg(digest order by kind), array_agg(counted order by kind) from (
    select k.kind, count(l.id) as counted,
      sha256(convert_to(coalesce(string_agg(l.body, E'\\n' order by l.id), ''), 'UTF8')) as digest
    from (values (1), (2), (3)) k(kind)
    left join audit_lines(e0, e1, c0, c1, a0, a1) l on l.kind = k.kind group by k.kind) p $$;
create function audit_seal_head(number bigint, moment timestamptz, e1 bigint, c1 bigint, a1 bigint, counts bigint[])
  returns text language sql stable set search_path = public, pg_temp set timezone = 'UTC' as $$
  select json_build_array(2, number, extract(epoch from moment), e1, c1, a1, counts)::text $$;
create or replace function audit_seal_up_to(moment timestamptz, e1 bigint, c1 bigint, a1 bigint) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
declare last audit_seal%rowtype; made bytea[]; counted bigint[]; digest bytea;
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
  select p.parts, p.counts into made, counted
    from audit_parts(last.event_to, e1, last.change_to, c1, last.access_to, a1) p;
  digest := sha256(last.digest || convert_to(audit_seal_head(last.id + 1, moment, e1, c1, a1, counted), 'UTF8')
    || made[1] || made[2] || made[3]);
  insert into audit_seal (id, at, form, event_to, change_to, access_to, rows, digest, parts, counts)
  values (last.id + 1, moment, 2, e1, c1, a1, counted[1] + counted[2] + counted[3], digest, made, counted);
  return (e1 - last.event_to) + (c1 - last.change_to) + (a1 - last.access_to);
end $$;
revoke execute on function audit_lines(bigint, bigint, bigint, bigint, bigint, bigint) from public;
revoke execute on function audit_parts(bigint, bigint, bigint, bigint, bigint, bigint) from public;
revoke execute on function audit_digest(bytea, bigint, bigint, bigint, bigint, bigint, bigint) from public;
"""
