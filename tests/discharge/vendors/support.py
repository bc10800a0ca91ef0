"""Vendors as a small file publishes them: invented names around Chicago, North's town."""

import uuid
from datetime import date
from typing import Any

from app.discharge.vendors.importing import Taken, TakeVendors, take_file
from app.platform.work import begin, everywhere, reading
from tests.support.world import NOW, World

HEAD = (
    '"CMS Certification Number (CCN)","Provider Name","Provider Address","City/Town","State","ZIP Code",'
    '"Telephone Number","Provider Type","Overall Rating","Health Inspection Rating","Staffing Rating","QM Rating",'
    '"Latitude","Longitude","Processing Date"'
)
ROWS = (
    '"145001","MAPLE TERRACE","1 MAPLE WAY","CHICAGO","IL","60601","3125550101","Medicare and Medicaid","4","4","3",'
    '"5","41.90","-87.63","2026-02-01"',
    '"145002","WILLOW BANK CARE","2 WILLOW RD","CHICAGO","IL","60614","3125550102","Medicare","3","3","3","3",'
    '"41.93","-87.65","2026-02-01"',
    '"145003","QUARRY HILL","3 QUARRY HILL","EVANSTON","IL","60201","8475550103","Medicare and Medicaid","2","2","2",'
    '"3","42.05","-87.69","2026-02-01"',
    '"145004","FERNLEY COURT","4 COURT ST","ROCKFORD","IL","61101","8155550104","Medicare and Medicaid","5","5","5",'
    '"5","42.27","-89.09","2026-02-01"',
    '"145005","LARKSPUR MANOR","5 MANOR LN","CHICAGO","IL","60622","3125550105","Medicaid","1","1","1","2","41.91",'
    '"-87.68","2026-02-01"',
)
HOSPITAL = (41.88, -87.63)


def published(*rows: str, head: str = HEAD) -> bytes:
    """A file with these rows."""
    return "\r\n".join((head, *rows)).encode()


def take(world: World, *rows: str, code: str = "NORTH", **more: Any) -> Taken:
    """Take a file with these rows into the registry of a facility."""
    name = more.pop("name", "nursing_homes.csv")
    head = more.pop("head", HEAD)
    with begin(everywhere("test"), at=more.pop("now", NOW)) as work:
        return take_file(work, world.facility[code], code, TakeVendors(name, published(*rows, head=head), **more))


def stand(world: World, code: str = "NORTH") -> None:
    """Say where the hospital stands."""
    with begin(everywhere("test"), at=NOW) as work:
        from app.discharge.vendors.commands import SetPosition, set_position

        ask = SetPosition(latitude=HOSPITAL[0], longitude=HOSPITAL[1])
        set_position(work, world.facility[code], ask)


def vendor_named(name: str) -> uuid.UUID:
    """The key of a vendor by its name."""
    with reading(everywhere("test")) as view:
        found: uuid.UUID = view.value(
            "select vendor_id from vendor_version where name = %s and ended_at is null", (name,)
        )
    return found


TODAY = date(2026, 3, 5)
