"""Two stays turned out to be one: what people wrote on the former, and whose it was, goes on with the other."""

from app.census.events import EncountersUnited
from app.platform.work import Work


def follow_united_stay(work: Work, happened: EncountersUnited) -> None:
    """The open assignment ends on the former stay and begins on the other; notes move.

    Where both stays had an owner, the one of the stay that remains keeps it. An assignment is never rewritten: as of
    an earlier instant the former stay still has its owner. Of notes the copies of the audit trail remember as much.
    """
    stay, former = happened.encounter_id, happened.former_id
    work.write(
        "assignment",
        "with ended as (update assignment a set ended_at = %s where a.encounter_id = %s and a.ended_at is null"
        " returning a.*)"
        " insert into assignment (encounter_id, facility_id, user_id, reason, assigned_at, assigned_by, why,"
        " distribution_id, replaces_id, covers_for, returns_at) select e.id, e.facility_id, o.user_id, o.reason, %s,"
        " o.assigned_by, o.why, o.distribution_id, o.id, o.covers_for, o.returns_at from ended o, encounter e"
        " where e.id = %s and not exists (select from assignment a where a.encounter_id = e.id and a.ended_at is null)",
        (work.now, former, work.now, stay),
    )
    work.write(
        "note",
        "update note t set encounter_id = e.id, facility_id = e.facility_id from encounter e"
        " where e.id = %s and t.encounter_id = %s",
        (stay, former),
    )
