"""The licensed products of a facility, as reviews choose from them and as their page shows them."""

import uuid
from datetime import date, datetime

import msgspec

from app.platform.work import Reading
from app.reviews.licensed.terms import Product


class ProductRow(msgspec.Struct):
    """An entry, standing or taken away."""

    id: uuid.UUID
    vendor: str
    product: str
    release: str
    subsets: list[str]
    agreed: dict[str, str]
    begins: date
    ends: date | None
    made_at: datetime
    made_by: str
    ended_at: datetime | None
    ended_by: str

    @property
    def held(self) -> Product:
        """The product as the rules take it."""
        return Product(
            vendor=self.vendor, product=self.product, release=self.release, begins=self.begins, ends=self.ends,
            subsets=tuple(self.subsets), agreed=self.agreed,
        )  # fmt: skip


_ROWS = """
select l.id, l.vendor, l.product, l.release, l.subsets, l.agreed, l.begins, l.ends, l.made_at,
  coalesce(m.display_name, ''), l.ended_at, coalesce(f.display_name, '')
from licensed_product l left join app_user m on m.id = l.made_by left join app_user f on f.id = l.ended_by
where l.facility_id = %s
"""


def product_rows(db: Reading, facility_id: int) -> list[ProductRow]:
    """All entries of a facility: those that stand first, by product, the latest release first."""
    return db.rows(
        ProductRow,
        f"{_ROWS} order by (l.ended_at is not null), lower(l.product), l.begins desc, l.made_at desc",
        (facility_id,),
    )


def licensed_products(db: Reading, facility_id: int) -> list[Product]:
    """What a review may name, and what its release is compared with."""
    return [one.held for one in db.rows(ProductRow, f"{_ROWS} and l.ended_at is null order by lower(l.product),"
                                        " l.begins desc", (facility_id,))]  # fmt: skip
