"""What the worklists lend to the page of a stay: who has it, and how many notes there are."""

import uuid

from app.platform.work import Reading
from app.web.stay import BannerFact


def owner_fact(db: Reading, encounter_id: uuid.UUID) -> list[BannerFact]:
    """The person whom the stay is assigned to."""
    name = db.value(
        "select u.display_name from assignment a join app_user u on u.id = a.user_id"
        " where a.encounter_id = %s and a.ended_at is null",
        (encounter_id,),
    )
    return [BannerFact("Owner", name or "nobody")]


def note_count(db: Reading, encounter_id: uuid.UUID) -> str:
    """Notes that stand, each counted once; empty for none."""
    count = db.value(
        "select count(*) from note where encounter_id = %s and current and struck_at is null", (encounter_id,)
    )
    return str(count) if count else ""
