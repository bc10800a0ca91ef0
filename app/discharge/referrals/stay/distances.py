"""How far vendors are from the hospital, for lists that were not searched for."""

import uuid
from collections.abc import Sequence

from app.discharge.vendors.queries import around_of
from app.discharge.vendors.rules import Position, miles
from app.platform.work import Reading

_PLACES = """
select w.vendor_id, coalesce(w.latitude, z.latitude), coalesce(w.longitude, z.longitude) from vendor_version w
  left join zip_centroid z on w.latitude is null and z.zip_code = left(w.zip_code, 5)
    and z.table_id = (select t.id from zip_table t where t.ended_at is null)
where w.vendor_id = any(%s) and w.ended_at is null
"""


def miles_of(db: Reading, facility_id: int, vendors: Sequence[uuid.UUID]) -> dict[uuid.UUID, float]:
    """Miles from the hospital to each of these vendors whose place is known."""
    around = around_of(db, facility_id) if vendors else None
    if around is None:
        return {}
    places = db.rows(lambda *row: row, _PLACES, (list(vendors),))
    return {key: miles(around, Position(north, east)) for key, north, east in places if north is not None}
