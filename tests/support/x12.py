"""Texts of X12 interchanges for tests: made up, with the envelopes counted right."""

from collections.abc import Sequence

HEAD = (
    "ISA*00*          *00*          *ZZ*PAYER009       *ZZ*HOSP99999      *260312*1015*^*00501*{interchange:09d}*0*T*:"
)


def envelope(*sets: Sequence[str], interchange: int = 7, guide: str = "005010X217", kind: str = "278") -> str:
    """An interchange with one group that holds these transaction sets, each given without ST and SE."""
    lines = [HEAD.format(interchange=interchange), f"GS*HI*PAYER009*HOSP99999*20260312*1015*{interchange}*X*{guide}"]
    for number, body in enumerate(sets, start=1):
        lines += [f"ST*{kind}*{number:04d}*{guide}", *body, f"SE*{len(body) + 2}*{number:04d}"]
    lines += [f"GE*{len(sets)}*{interchange}", f"IEA*1*{interchange:09d}"]
    return "".join(f"{line}~\n" for line in lines)


def answer(
    *event: str,
    trace: str = "EVT-1",
    services: Sequence[Sequence[str]] = (),
    reference: str = "REQ1",
    follows: str = "18",
) -> list[str]:
    """The body of an answer with one event, whose segments after TRN and UM are given."""
    lines = [
        f"BHT*0007*11*{reference}*20260312*1130*{follows}",
        "HL*1**20*1", "NM1*X3*2*QUIET HEALTH PLAN*****PI*00999", "PER*IC*INTAKE*TE*8005550100",
        "HL*2*1*21*1", "NM1*FA*2*NORTH HOSPITAL*****XX*1234567893",
        "HL*3*2*22*1", "NM1*IL*1*HERON*QUILL****MI*MEM000111", "DMG*D8*19560412*F",
        f"HL*4*3*EV*{1 if services else 0}", f"TRN*2*{trace}*9HOSP99999", "UM*AR*4*1*11:A**03", *event,
    ]  # fmt: skip
    for number, service in enumerate(services, start=5):
        lines += [f"HL*{number}*4*SS*0", *service]
    return lines
