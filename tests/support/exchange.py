"""A file for a payer and one of a payer, made by the product's own commands around an authorization that is there."""

import uuid

from app.interop.payer_files.events import ExchangeSet
from app.interop.payer_files.sending import Send, send
from app.interop.payer_files.settings import SetExchange, set_exchange
from app.interop.payer_files.taking import TakePayerFile, read_file, settle_item, take
from app.interop.x12.terms import Kind
from app.platform.work import begin, everywhere, reading
from tests.support.world import World
from tests.support.x12 import answer, envelope


def exchanged(world: World, authorization_id: uuid.UUID, payer: str) -> dict[str, str]:
    """Settings, a request that was sent, and an answer that matches nothing; keys by name of route parameter."""
    facility = world.facility["NORTH"]
    with begin(everywhere("test")) as work:
        set_exchange(work, facility, SetExchange(
            payer_code=payer, outbox="marked-out", payer_name="MARKED FOR NOBODY ELSE", payer_number="00999",
            requester_name="NORTH HARBOR HOSPITAL", requester_npi="1234567893", trace_origin="9HOSP99999",
            sender="HOSP99999", receiver="PAYER009",
        ))  # fmt: skip
        work.write("coverage", "update coverage set member_number = 'MEM000111' where member_number = ''")
        work.record(ExchangeSet(facility_id=facility, payer_code=payer, usage="T"))
    sent = send(everywhere("test"), Send(authorization_id, Kind.INQUIRY))
    taken = take(TakePayerFile(facility, payer, "marked.x12", envelope(answer("HCR*A1*AU1")).encode()))
    for key in read_file(str(taken.file_id)):
        settle_item(str(key))
    with reading(everywhere("test")) as view:
        item = view.value("select id from payer_file_item where ended_at is null and state = 'held'")
    return {"out_id": str(sent), "payer_file_id": str(taken.file_id), "answer_id": str(item)}
