"""Two stays turned out to be one: what people wrote on the former, and whose it was, goes on with the other."""

from app.census.events import EncountersUnited
from app.platform.work import Work


def follow_united_stay(work: Work, happened: EncountersUnited) -> None:
    """Move notes and assignments. Where both stays had an owner, the one of the stay that remains keeps it."""
    stay, former = happened.encounter_id, happened.former_id
    work.write(
        "assignment",
        "update assignment a set ended_at = %s where a.encounter_id = %s and a.ended_at is null"
        " and exists (select from assignment o where o.encounter_id = %s and o.ended_at is null)",
        (work.now, former, stay),
    )
    for table in ("assignment", "note"):
        work.write(
            table,
            f"update {table} t set encounter_id = e.id, facility_id = e.facility_id from encounter e"
            " where e.id = %s and t.encounter_id = %s",
            (stay, former),
        )
