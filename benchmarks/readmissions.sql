-- Thirty-day unplanned readmission after CMS (rules R0 to R14), as one statement for DuckDB.
--
-- Written from the rules alone, as a second opinion on the measure and as the floor that a plain database sets for its
-- speed. Tables: encounters, procedures (as the files), dx_map and px_map (code, ccs), lists (list, code, value), drg
-- (fiscal_year, ms_drg, gmlos), settings (min_age, data_end; null takes the latest valid discharge of an acute row).

with dx_meaning as materialized (
  select coalesce(m.code, a.code) as code, m.ccs,
    exists (select 1 from lists where list = 'pr2_ccs' and lists.code = cast(m.ccs as varchar)) as always_planned,
    a.code is not null
      or exists (select 1 from lists where list = 'pr4_ccs' and lists.code = cast(m.ccs as varchar)) as acute,
    (select value from lists where list = 'exclusion_ccs' and lists.code = cast(m.ccs as varchar)) as excluded,
    (select value from lists where list = 'cohort_ccs' and lists.code = cast(m.ccs as varchar)) as cohort
  from dx_map m full join (select code from lists where list = 'pr4_cm') a on a.code = m.code
),
px_meaning as materialized (
  select code, bool_or(pr1) as pr1, bool_or(pr3) as pr3, bool_or(surgery) as surgery
  from (
    select m.code, l.list = 'pr1_ccs' as pr1, l.list = 'pr3_ccs' as pr3, l.list = 'surgery_ccs' as surgery
    from px_map m join lists l on l.list in ('pr1_ccs', 'pr3_ccs', 'surgery_ccs') and l.code = cast(m.ccs as varchar)
    union all
    select code, false, list = 'pr3_pcs', list = 'surgery_pcs' from lists where list in ('pr3_pcs', 'surgery_pcs')
  ) group by code
),
px as materialized (
  select p.encounter_id, bool_or(m.pr1) as pr1, bool_or(m.pr3) as pr3, bool_or(m.surgery) as surgery
  from procedures p join px_meaning m on m.code = p.px group by p.encounter_id
),
row as materialized (
  select e.encounter_id, e.patient_id, e.facility_id, e.facility_type, e.admit_ts_utc, e.discharge_ts_utc,
    e.admit_date, e.discharge_date, nullif(e.discharge_disposition, '') as disposition,
    nullif(e.principal_dx, '') as dx, e.birth_date,
    coalesce(e.patient_class = 'I' and e.facility_type in ('ACH', 'CAH', 'CAN'), false) as acute,
    case when e.discharge_date >= e.admit_date then greatest(e.discharge_date - e.admit_date, 1) end as los_days,
    case when e.discharge_date >= e.admit_date then g.gmlos end as gmlos,
    m.ccs as ccs_dx
  from encounters e
  left join dx_meaning m on m.code = e.principal_dx
  left join drg g on g.ms_drg = e.ms_drg and g.gmlos > 0
    and g.fiscal_year = year(e.discharge_date) + case when month(e.discharge_date) >= 10 then 1 else 0 end
),
placed as (
  select *, lead(encounter_id) over (
      partition by patient_id order by admit_ts_utc nulls first, discharge_ts_utc nulls last, encounter_id
    ) is null as last_of_patient
  from row where acute
),
-- R1: dates in order, or still in the house and nothing after.
usable as materialized (
  select *, coalesce(discharge_date, date '9999-12-31') as left_on,
    coalesce(discharge_ts_utc, timestamptz '9999-12-31') as left_at,
    row_number() over (
      partition by patient_id order by admit_ts_utc, discharge_ts_utc nulls last, encounter_id
    ) as place
  from placed
  where admit_ts_utc is not null and admit_date is not null
    and (discharge_date >= admit_date or (discharge_date is null and last_of_patient))
),
-- R3: rows of one hospital that continue each other.
beside as (
  select *, max(left_on) over earlier as latest, lag(dx) over here as dx_before, lag(disposition) over here as status_before
  from usable
  window here as (partition by patient_id, facility_id order by place),
    earlier as (partition by patient_id, facility_id order by place rows between unbounded preceding and 1 preceding)
),
stitched as materialized (
  select *, sum(case when starts then 1 else 0 end) over (
      partition by patient_id, facility_id order by place rows unbounded preceding
    ) as stay_number
  from (
    select *, coalesce(not (
        admit_date < latest
        or (admit_date = latest and dx = dx_before)
        or (status_before = '30' and admit_date - latest between 0 and 1)
      ), true) as starts
    from beside
  )
),
part as materialized (
  select s.*, first_value(s.encounter_id) over whole as stay_id, count(*) over same as stay_rows,
    row_number() over (
      partition by patient_id, facility_id, stay_number order by left_on desc, left_at desc, place desc
    ) = 1 as is_rep,
    min(place) over same as stay_place, first_value(admit_date) over whole as stay_admit,
    coalesce(bool_or(px.pr1) over same, false) as pr1, coalesce(bool_or(px.pr3) over same, false) as pr3,
    coalesce(bool_or(px.surgery) over same, false) as surgery
  from stitched s left join px on px.encounter_id = s.encounter_id
  window same as (partition by patient_id, facility_id, stay_number),
    whole as (partition by patient_id, facility_id, stay_number order by place
      rows between unbounded preceding and unbounded following)
),
stay as materialized (
  select p.*, m.code is not null as known, coalesce(m.acute, false) as acute_dx, m.excluded,
    case when p.surgery then 'Surgery/Gynecology' else m.cohort end as cohort,
    case when p.pr1 then 'PR1' when m.always_planned then 'PR2'
      when p.pr3 and m.code is not null and not m.acute then 'PR3' end as planned_rule
  from part p left join dx_meaning m on m.code = p.dx where p.is_rep
),
-- R6: stays of different hospitals that follow within a day, or overlap.
seen as (
  select *, max({'on': left_on, 'at': left_at, 'place': stay_place, 'hospital': facility_id}) over (
      partition by patient_id order by stay_place rows between unbounded preceding and 1 preceding
    ) as before
  from stay
),
linked as (
  select *, sum(case when before is null then 1
      when stay_admit < before.on or (stay_admit - before.on <= 1 and facility_id is distinct from before.hospital)
      then 0 else 1 end) over (partition by patient_id order by stay_place rows unbounded preceding) as chain
  from seen
),
chained as materialized (
  select *, first_value(stay_id) over whole as chain_id,
    row_number() over (
      partition by patient_id, chain order by left_on desc, left_at desc, stay_place desc
    ) = 1 as is_last,
    row_number() over whole as place_in_chain
  from linked
  window whole as (partition by patient_id, chain order by stay_place)
),
first_of_chain as (
  select patient_id, chain, stay_id, stay_admit, planned_rule from chained where place_in_chain = 1
),
judged as materialized (
  select c.*, case when c.is_last and c.discharge_date is not null then f.stay_admit - c.discharge_date end as days,
    f.stay_id as next_stay, f.planned_rule as next_rule,
    case
      when c.facility_type = 'CAN' then 'pps_exempt_cancer_hospital'
      when c.discharge_date is null or c.disposition = '30' then 'still_patient'
      when c.disposition in ('20', '40', '41', '42') then 'died'
      when c.disposition = '07' then 'ama'
      when not c.is_last then 'transferred_out'
      when c.birth_date is null or year(c.stay_admit) - year(c.birth_date)
        - case when (month(c.stay_admit), day(c.stay_admit)) < (month(c.birth_date), day(c.birth_date)) then 1 else 0 end
        < s.min_age then 'age'
      when not c.known then 'dx_missing_or_unmapped'
      when c.excluded = 'psychiatric' then 'psychiatric'
      when c.excluded = 'rehabilitation' then 'rehabilitation'
      when c.excluded = 'medical_cancer' and not c.surgery then 'medical_cancer'
      when c.cohort is null then 'no_specialty_cohort'
      when c.discharge_date > coalesce(s.data_end, (select max(discharge_date) from usable)) - 30 then 'runout'
    end as reason
  from chained c cross join settings s
  left join first_of_chain f on f.patient_id = c.patient_id and f.chain = c.chain + 1
)
select r.encounter_id, r.patient_id, p.stay_id, j.chain_id,
  cast(p.stay_rows as integer) as stay_rows, coalesce(p.is_rep, false) as is_stay_rep,
  cast(r.los_days as integer) as los_days, r.gmlos, case when r.gmlos is not null then greatest(r.los_days - r.gmlos, 0.0) end as excess_days,
  cast(r.ccs_dx as integer) as ccs_dx, j.cohort, case when p.stay_id is not null then j.planned_rule is not null end as planned,
  j.planned_rule, coalesce(p.is_rep and j.reason is null, false) as index_flag,
  case when not r.acute then 'not_acute_inpatient' when p.stay_id is null then 'invalid_dates'
    when not p.is_rep then 'merged_into_stay' else j.reason end as exclusion_reason,
  coalesce(p.is_rep and j.reason is null
    and coalesce(j.disposition not in ('02', '05', '66', '82', '85', '94'), true), false) as index_flag_dispo,
  coalesce(p.is_rep and j.days <= 30, false) as any_readmit_30,
  coalesce(p.is_rep and j.days <= 30 and j.next_rule is not null, false) as planned_readmit_30,
  coalesce(p.is_rep and j.days <= 30 and j.next_rule is null, false) as unplanned_readmit_30,
  case when p.is_rep then cast(j.days as integer) end as days_to_readmit,
  case when p.is_rep and j.days <= 30 then j.next_stay end as readmit_encounter_id
from row r
left join part p on p.encounter_id = r.encounter_id
left join judged j on j.stay_id = p.stay_id
order by r.encounter_id
