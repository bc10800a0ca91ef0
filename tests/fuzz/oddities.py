"""What hostile hands and broken programs put into an address or a form. A value is drawn from a seeded source, so that
a case is found again by its seed and number."""

from collections.abc import Sequence
from random import Random
from urllib.parse import quote_from_bytes

SCRIPT = "<script>zq9()</script>"
PICTURE = "\"'><img src=zq9 onerror=zq9()>"
ODD_TEXTS: Sequence[str] = (
    "", " ", "0", "-1", "1e400", "nan", "9" * 30, "9" * 5000, "-9223372036854775809", "1.5", "²", "٣",
    SCRIPT, PICTURE, "{{ 7*7 }}", "{% include 'base.html' %}", "=cmd|' /C calc'!A1", "@SUM(1)",
    "'; drop table note; --",
    "' or '1'='1", "%", "_", "%s %(x)s", "\\", "\\x00", "../../etc/passwd", "//evil.example", "/\\evil.example",
    "javascript:zq9()", "\u202eabc", "e\u0301\u0323", "\U0001f9d1\u200d\u2695\ufe0f", "\ufeff", "\ufffe",
    "\u0085\u2028",
    "\x01\x1f\x7f", "a\r\nSet-Cookie: zq9=1", "tab\tand\nline", "病", "true", "null", "[]", "{}", "a" * 9000,
    "0001-01-01", "9999-12-31", "2026-02-30", "2026-13-01", "-2026-01-01", "2026-03-05T25:61", "9999-12-31T23:59",
    "0001-01-01T00:00", "24:00", "23:59:59.999999999", "+14:00", "2026-W10-4", "1772724060",
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "urn:uuid:x",
)  # fmt: skip
ODD_BYTES: Sequence[bytes] = (
    b"\x00", b"a\x00b", b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xe2\x82",
)  # fmt: skip
ODD_KEYS: Sequence[str] = (
    "00000000-0000-0000-0000-000000000000", "11111111-2222-4333-8444-555555555555", "not-a-key", "0", "-1",
    "9" * 25, "%00", "%ff", "..%2f..", "%2e%2e", "a%0d%0ab", "x" * 3000, SCRIPT.replace("/", "%2F"), "%27%20or%201",
    "é", "%F0%9F%A7%91", " ", "%20", "None", "{stay_id}", "2026-03-05", "999999999999999999999",
)  # fmt: skip
USUAL_NAMES: Sequence[str] = (
    "q", "view", "sort", "unit", "owner", "open", "page", "day", "from", "until", "as-of", "back", "next", "person",
    "facility",
    "id", "kind", "first_day", "last_day", "payer", "month", "group", "by", "flag", "state", "text", "name", "cursor",
)  # fmt: skip


def odd(random: Random) -> bytes:
    """A value as bytes of UTF-8, now and then bytes that are none."""
    if random.random() < 0.08:
        return random.choice(ODD_BYTES)
    return random.choice(ODD_TEXTS).encode()


def pair(name: str, value: bytes) -> str:
    """A field as an address or a form carries it."""
    return f"{quote_from_bytes(name.encode(), safe='-_')}={quote_from_bytes(value)}"


def twisted(random: Random, fields: Sequence[tuple[str, str]]) -> list[tuple[str, bytes]]:
    """Fields of a form with one to three faults: odd, missing, doubled, swapped, unknown, far too long."""
    made = [(name, value.encode("utf-8", "surrogatepass")) for name, value in fields]
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(made)) if made else 0
        deed = random.random()
        if not made or deed < 0.08:
            made.append((random.choice(USUAL_NAMES), odd(random)))
        elif deed < 0.65:
            made[place] = (made[place][0], odd(random))
        elif deed < 0.78:
            del made[place]
        elif deed < 0.88:
            made.insert(place, (made[place][0], odd(random)))
        elif deed < 0.98:
            other = random.randrange(len(made))
            made[place] = (made[place][0], made[other][1])
        else:
            made[place] = (made[place][0], b"x" * 1_000_000)
    return made
