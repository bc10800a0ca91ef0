"""What of the audit trail lies in an archive, for pages that show the trail."""

from datetime import datetime

from app.platform.work import Reading


def archived_parts(db: Reading) -> list[tuple[datetime, datetime]]:
    """Parts of the audit trail that lie in an archive: from when to when."""
    return db.rows(
        lambda begins, ends: (begins, ends),
        "select sealed_from, sealed_to from audit_archive where ended_at is null order by sealed_from",
    )
