"""Licensed criteria by reference: names and numbers only, and a warning where the release is not the agreed one."""

import uuid
from collections.abc import Callable
from datetime import date

import msgspec
import pytest

from app.kernel.refusal import NotFound, Refused
from app.platform.work import begin, reading
from app.reviews.licensed.commands import AddProduct, add_product, end_product
from app.reviews.licensed.models import LicensedProduct
from app.reviews.licensed.queries import licensed_products
from app.reviews.licensed.rules import LONGEST, reference, warnings
from app.reviews.licensed.terms import LicensedOutcome, LicensedReference, Product
from app.security.permissions import Permission
from tests.support.client import Browser
from tests.support.world import NOW, World

BrowserFor = Callable[..., Browser]
ON = date(2026, 3, 5)
GIVEN = LicensedReference(
    product="Acuity Guide", release="2026", outcome=LicensedOutcome.MET, subset="Heart failure",
    guideline_id="HF-12", level_supported="Telemetry", vendor_reference="R-88121",
)  # fmt: skip
FORM = {
    "vendor": "Northlight", "product": "Acuity Guide", "release": "2026", "begins": "2026-01-01", "ends": "2026-12-31",
    "subsets": "Heart failure\nPneumonia", "agreed": "77 = 2025",
}  # fmt: skip


def product(release: str = "2026", **more: object) -> Product:
    held = Product(vendor="Northlight", product="Acuity Guide", release=release, begins=date(2026, 1, 1))
    return msgspec.structs.replace(held, **more)


def add(world: World, **more: str) -> LicensedProduct:
    with begin(world.viewer("lee").acting(Permission.CRITERIA_SET), at=NOW) as work:
        return add_product(work, world.facility["NORTH"], AddProduct.model_validate(FORM | more))


def here(world: World, name: str = "uma") -> list[Product]:
    with reading(world.viewer(name).acting(Permission.REVIEW_WRITE)) as db:
        return licensed_products(db, world.facility["NORTH"])


def test_a_reference_is_kept_in_short_lines():
    assert reference(msgspec.structs.replace(GIVEN, subset="  Heart failure ")) == GIVEN


@pytest.mark.parametrize("field", ["subset", "guideline_id", "level_supported", "vendor_reference", "product"])
@pytest.mark.parametrize("text", ["x" * (LONGEST + 1), "first line\nsecond line", "with\x00nothing"])
def test_text_of_a_product_cannot_be_kept(field: str, text: str):
    with pytest.raises(Refused, match="may not be kept") as refused:
        reference(msgspec.structs.replace(GIVEN, **{field: text}))
    assert refused.value.field == field


@pytest.mark.parametrize("field", ["product", "release"])
def test_product_and_release_must_be_said(field: str):
    with pytest.raises(Refused, match=f"Say which {field} was used"):
        reference(msgspec.structs.replace(GIVEN, **{field: " "}))


@pytest.mark.parametrize(
    ("held", "payer", "expected"),
    [
        ([product()], "77", []),
        ([product(agreed={"77": "2026"})], "77", []),
        ([product(agreed={"77": "2025"})], "77", ["Agreed with this payer is Acuity Guide 2025, not 2026."]),
        ([product(agreed={"77": "2025"})], "88", []),
        ([product("2025", agreed={"77": "2025"}), product()], "77",
         ["Agreed with this payer is Acuity Guide 2025, not 2026."]),
        ([product(ends=date(2026, 3, 5))], "", []),
        ([product(ends=date(2026, 3, 4))], "", ["Acuity Guide 2026 is out of date since 4 Mar 2026."]),
        ([product(begins=date(2026, 3, 6))], "", ["Acuity Guide 2026 is in use from 6 Mar 2026 on only."]),
        ([product("2025")], "", ["Release 2026 of Acuity Guide is not in use here."]),
        ([], "", ["Acuity Guide is not among the licensed products of this facility."]),
        ([product(subsets=("Pneumonia",))], "", ["The subset Heart failure is not among those in use here."]),
        ([product(subsets=("heart FAILURE",))], "", []),
    ],
)  # fmt: skip
def test_what_may_not_convince_the_payer_is_said(held: list[Product], payer: str, expected: list[str]):
    assert warnings(GIVEN, held, payer, ON) == expected


def test_a_release_is_put_in_use_once_and_taken_away(world: World):
    made = add(world)
    assert here(world) == [
        product(ends=date(2026, 12, 31), subsets=("Heart failure", "Pneumonia"), agreed={"77": "2025"})
    ]
    with pytest.raises(Refused, match="here already"):
        add(world, product="ACUITY guide")
    with begin(world.viewer("lee").acting(Permission.CRITERIA_SET), at=NOW) as work:
        end_product(work, made.id)
    assert here(world) == []
    add(world)
    assert len(here(world)) == 1


def test_another_hospital_neither_sees_nor_ends_it(world: World):
    made = add(world)

    assert here(world, "stan") == []
    with begin(world.viewer("stan").acting(Permission.CRITERIA_SET), at=NOW) as work, pytest.raises(NotFound):
        end_product(work, made.id)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ends", "2025-01-01", "The licence would have ended before it begins."),
        ("agreed", "77 2025", "Line 1 is not understood. Write payer code = release."),
        ("agreed", "77 = 2025\n77 = 2026", "Line 2 names the payer 77 again."),
        ("subsets", "x" * 121, "The text of licensed criteria may not be kept."),
        ("subsets", "\n".join(str(n) for n in range(201)), "These are more than 200 lines."),
        ("release", "y" * 121, "The text of licensed criteria may not be kept."),
        ("begins", "", "Fill in this field."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(browser_for: BrowserFor, field: str, value: str, sentence: str):
    answer = browser_for("lee").post("/licensed-products", FORM | {field: value})

    assert answer.status_code == 422 and sentence in answer.text and "Acuity Guide" in answer.text


def test_the_page_names_releases_and_takes_a_deed_back(browser_for: BrowserFor, world: World):
    lee, uma = browser_for("lee"), browser_for("uma")
    assert "No licensed product is named yet" in uma.get("/licensed-products").text
    assert lee.post("/licensed-products", FORM).status_code == 303

    with reading(world.viewer("lee").acting(Permission.CRITERIA_SET)) as db:
        key: uuid.UUID = db.value("select id from licensed_product")
    page = uma.get("/licensed-products").text
    assert "77, not named by the feed yet: 2025" in page and "Take away" not in page
    assert lee.post(f"/licensed-products/{key}/end").status_code == 303
    assert "taken away" in lee.get("/licensed-products").text and here(world) == []
    assert lee.post(f"/licensed-products/{key}/restored").status_code == 303
    assert [one.release for one in here(world)] == ["2026"]
    assert "Put back" not in lee.get("/licensed-products").text, "the release stands, so nothing can be put back"
    assert uma.post("/licensed-products", FORM).status_code == 403
