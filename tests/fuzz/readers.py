"""Every reader of something that others wrote: how it is called, what good input looks like, how it may refuse."""

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from openpyxl import Workbook

from app.census.drg.published import tables
from app.census.drg.sheets import sheets
from app.census.terms import FeedPolicy
from app.discharge.vendors.reading import centroids, providers
from app.interop import hl7
from app.interop.adt import to_fact
from app.interop.census_file.reading.decoding import Unreadable as UnreadableCensus
from app.interop.census_file.reading.rows import Habits, read
from app.interop.facts import facts_of
from app.interop.fhir.bundles import BROKEN, read_bundle, read_files
from app.interop.fhir.facts.course import Impossible
from app.interop.fhir.facts.stays import to_fact as fhir_fact
from app.interop.fhir.links import Links
from app.interop.fhir.messages import bundle_of, deletion_of
from app.interop.fhir.references import Held, Pool
from app.interop.framing import Deframer, frame
from app.interop.pas import reading as pas
from app.interop.pas.writing import bundle as pas_bundle
from app.interop.payer_files.reading import told
from app.interop.x12.reading import understand
from app.kernel.refusal import Refused
from app.metrics.files import read_encounters
from app.metrics.value_sets.coded_files import read as read_coded
from app.reviews.criteria.library import written
from app.reviews.criteria.reading import Unreadable, read_set
from tests.interop.pas.test_bundles import SAID
from tests.support.census_files import line
from tests.support.census_files import written as census
from tests.support.fhir import HABITS, RECEIVED, bundle, encounter, identifier, patient, placed
from tests.support.x12 import answer, envelope

POLICY = FeedPolicy(timezone="America/New_York", default_authority="HOSP")
HOUSE = Habits("NORTH", "America/Chicago")
AT = datetime(2026, 3, 5, 12, tzinfo=UTC)
ADT = (
    b"MSH|^~\\&|EHR|HOSP|UR|HUB|20260310081500||ADT^A01^ADT_A01|X1|P|2.5.1\r"
    b"EVN|A01|20260310081500||||20260310080000\r"
    b"PID|1||M100^^^HOSP^MR~123^^^USA^SS||RIVERA^CARMEN^L||19560412|F|||12 ELM ST^^DAYTON^OH^45402|||||||A900^^^HOSP\r"
    b"PV1|1|I|4W^401^A^HOSP|E|||1001^SMITH^JOHN|||CAR||||7||VIP|||V100^^^HOSP^VN|MC||||||||||||||||||||||||20260310075500\r"
    b"PV2|||R07.9^CHEST PAIN||||||20260315\rDG1|1||I21.4^NSTEMI^I10|||A\r"
    b"IN1|1|PLAN1|MCARE|MEDICARE A||||G7||||20260101|20261231||HMO|||||||||||||||||||||POL1\rDRG|280^ACUTE MI\r"
)
MERGE = ADT.replace(b"ADT^A01^ADT_A01", b"ADT^A40").replace(b"EVN|A01", b"EVN|A40") + b"MRG|M99^^^HOSP^MR|||V99\r"


@dataclass(frozen=True)
class Reader:
    """One reader. `call` raises nothing but `refusals` on any input."""

    name: str
    call: Callable[[bytes], object]
    seeds: Sequence[bytes]
    refusals: tuple[type[Exception], ...] = ()


def _hl7(data: bytes) -> None:
    for payload in [data, *hl7.split_messages(data)][:50]:
        try:
            message = hl7.parse(payload)
        except hl7.Unparseable:
            hl7.acknowledgement(
                None, hl7.Answer(code="AR", sentence="x"), control_id="1", at="20260305", head=payload[:4096]
            )
            continue
        facts_of(message)
        to_fact(message, POLICY, 7, AT)
        hl7.acknowledgement(message, hl7.Answer(code="AA", sentence="x"), control_id="1", at="20260305")


def _frames(data: bytes) -> None:
    reader = Deframer(limit=50_000)
    for at in range(0, len(data), 997):
        for found in reader.feed(data[at : at + 997]):
            assert not isinstance(found, bytes) or len(found) <= 50_000


def _asked(data: bytes) -> None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return  # whoever calls this reader holds a bundle
    if isinstance(found, dict):
        pas.asked(found)


def _fhir(data: bytes) -> None:
    found = read_bundle(data).found
    links = Links(Pool(one for one in found if not one.deleted))
    for one in found:
        if one.type == "Encounter":
            try:
                message = deletion_of(one) if one.deleted else bundle_of(links.of(Held(one)))
            except (Impossible, *BROKEN):
                continue
            fhir_fact(message.raw, HABITS, 1, RECEIVED)


def _fhir_file(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.ndjson"
        path.write_bytes(data)
        read_files([path])


def _drg(data: bytes) -> None:
    for sheet in sheets("table.xlsx", data):
        tables(sheet, 2026)


def _vendors(data: bytes) -> None:
    for sheet in sheets("vendors.csv", data):
        providers(sheet.name, sheet.rows, None, date(2026, 3, 1))


def _centroids(data: bytes) -> None:
    for sheet in sheets("zips.txt", data):
        centroids(sheet.name, sheet.rows)


def _measures(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("encounters.parquet" if data.startswith(b"PAR1") else "encounters.csv")
        path.write_bytes(data)
        read_encounters(path)


def _workbook() -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.append(["FY 2026 Final Rule"])
    book.active.append(["MS-DRG", "MS-DRG Title", "Weights", "Geometric mean LOS", "Arithmetic mean LOS"])
    book.active.append(["280", "ACUTE MYOCARDIAL INFARCTION", 1.6, 3.9, 4.9])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _archive(content: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.csv", content)
    return data.getvalue()


DRG = b"fiscal_year,ms_drg,relative_weight,gmlos\n2026,280,1.6,3.9\n2026,281,1.1,2.9\n"
STAY = encounter(
    location=[placed("4W 401 A", start="2026-03-10T08:00:00Z")],
    hospitalization={"admitSource": {"coding": [{"code": "emd"}]}},
    diagnosis=[{"condition": {"reference": "#c1"}, "rank": 1}],
    contained=[{"resourceType": "Condition", "id": "c1", "code": {"coding": [{"code": "I50.23"}]}}],
)  # fmt: skip
FHIR = json.dumps(bundle(STAY, patient())).encode()
MANIFEST = b'{"transactionTime":"2026-03-10T08:00:00Z","output":[{"url":"x","type":"Patient"}]}'
CLAIM = json.dumps(
    bundle({"resourceType": "ClaimResponse", "id": "r1", "status": "active", "use": "preauthorization",
            "outcome": "complete", "created": "2026-03-12", "identifier": [identifier("EVT-1")], "preAuthRef": "AU1",
            "item": [{"itemSequence": 1, "adjudication": [{"category": {"coding": [{"code": "submitted"}]},
                      "extension": [{"url": "x", "extension": [{"url": "number", "valueString": "AU1"}]}]}]}]})
).encode()  # fmt: skip
X12 = envelope(
    answer("HCR*A1*AU1", "DTP*472*RD8*20260310-20260312", "HSD*VS*3", "MSG*Thank you",
           services=[("TRN*2*L1*9HOSP99999", "UM*HS*I*3", "HCR*A3*AU2*0F", "AAA*N**15*C")])
).encode()  # fmt: skip
VENDORS = (
    b"CMS Certification Number (CCN),Provider Name,Provider Address,City/Town,State,ZIP Code,Telephone Number,"
    b"Number of Certified Beds,Overall Rating,Latitude,Longitude,Processing Date\n"
    b"015009,QUIET HOUSE,1 ELM ST,DAYTON,OH,45402,9375550100,57,4,39.7,-84.1,2026-03-01\n"
)
CODED = b"visit_number,principal_dx,coded_on,ms_drg,procedures,disposition\nV1,I50.23,2026-03-05,291,0SR9019,01\n"
CENSUS = census([line("V1"), line("V2", "ICU^1^B", last_name='O\'Neil; "x"')])
ENCOUNTERS = (
    b"encounter_id,patient_id,facility_id,facility_type,patient_class,admit_ts_utc,discharge_ts_utc,tz,admit_date,"
    b"discharge_date,discharge_disposition,principal_dx,ms_drg,birth_date\n"
    b"1,2,A,ACH,I,2026-01-01T10:00:00Z,2026-01-05T10:00:00Z,America/Chicago,2026-01-01,2026-01-05,01,I5023,291,1950-03-05\n"
)
PAS = json.dumps(pas_bundle(SAID, datetime(2026, 3, 12, 15, 15, tzinfo=UTC))).encode()

READERS: Sequence[Reader] = (
    Reader("hl7", _hl7, (ADT, MERGE, ADT + b"\n" + MERGE, frame(ADT))),
    Reader("frames", _frames, (frame(ADT) * 3, frame(ADT) + b"noise" + frame(MERGE))),
    Reader("x12", understand, (X12, X12.replace(b"~\n", b"~"))),
    Reader("payer file x12", lambda data: told("x12", data), (X12,)),
    Reader("pas answers", pas.understand, (CLAIM,)),
    Reader("pas requests", _asked, (PAS, FHIR)),
    Reader("fhir bundle", _fhir, (FHIR,), BROKEN),
    Reader("fhir file", _fhir_file, (FHIR, FHIR + b"\n" + json.dumps(STAY).encode(), MANIFEST)),
    Reader("census file", lambda data: read(data, HOUSE, AT), (CENSUS,), (UnreadableCensus,)),
    Reader("drg tables", _drg, (DRG, _workbook(), _archive(DRG)), (Refused,)),
    Reader("vendor file", _vendors, (VENDORS, _archive(VENDORS)), (Refused,)),
    Reader("places of zip codes", _centroids, (b"zip,latitude,longitude\n45402,39.7,-84.1\n",), (Refused,)),
    Reader("coded file", lambda data: read_coded("coded.csv", data), (CODED,), (Refused,)),
    Reader("criteria set", lambda data: read_set(data.decode("utf-8", "replace")),
           (written("two_midnight", "1").encode(),), (Unreadable,)),
    Reader("encounters of a measure", _measures, (ENCOUNTERS,), (Refused,)),
)  # fmt: skip
