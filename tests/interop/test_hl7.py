"""The HL7 parser: separators, character sets, escapes, batches, acknowledgements; and that nothing can upset it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.interop import hl7
from app.interop.hl7 import Answer, Separators, Unparseable

HEADER = "MSH|^~\\&|EHR|HOSP|UR|HUB|20260310081500||ADT^A01^ADT_A01|W-1|P|2.5.1"
MESSAGE = f"{HEADER}\rEVN|A01|20260310081500\rPID|1||M100^^^HOSP^MR~77^^^CITY&1.2&ISO^PI||DOE^JANE\rPV1|1|I|4W^401^A\r"


def _patient(message: hl7.Message) -> hl7.Segment:
    patient = message.first("PID")
    assert patient is not None
    return patient


def _named(name: bytes, *, charset: bytes = b"") -> bytes:
    header = HEADER.encode() + (b"||||||" + charset if charset else b"")
    return header + b"\rPID|1||M100||" + name + b"\r"


class TestReading:
    def test_fields_components_and_repetitions(self) -> None:
        message = hl7.parse(MESSAGE.encode())
        patient = _patient(message)
        assert (patient.text(3), patient.text(3, 4), patient.text(3, 5)) == ("M100", "HOSP", "MR")
        assert patient.text(3, 4, 2, repetition=2) == "1.2"
        assert patient.text(3, repetition=3) == patient.text(3, 9) == patient.text(99) == patient.text(3, 1, 2) == ""
        assert [(part.text(), part.text(4), part.components) for part in patient.repetitions(3)] == [
            ("M100", "HOSP", 5),
            ("77", "CITY", 5),
        ]
        assert patient.repetitions(2) == []
        assert patient.raw(3) == "M100^^^HOSP^MR~77^^^CITY&1.2&ISO^PI"

    def test_header_is_numbered_as_in_the_standard(self) -> None:
        message = hl7.parse(MESSAGE.encode())
        assert (message.header.text(1), message.header.text(2), message.header.text(3)) == ("|", "^~\\&", "EHR")
        assert message.header.raw(2) == "^~\\&"
        assert (message.event, message.message_type, message.control_id) == ("A01", "ADT", "W-1")
        assert (message.sending_application, message.sending_facility) == ("EHR", "HOSP")
        assert (message.processing_id, message.version) == ("P", "2.5.1")

    def test_segments_by_name(self) -> None:
        message = hl7.parse((MESSAGE + "DG1|1||A\rDG1|2||B\rZZZ\rZPV|1|x\r").encode())
        assert [segment.text(3) for segment in message.all("DG1")] == ["A", "B"]
        assert message.first("IN1") is None
        assert [segment.name for segment in message.segments[-2:]] == ["ZZZ", "ZPV"]

    def test_deleted_value_is_no_missing_value(self) -> None:
        patient = _patient(hl7.parse(_named(b'RIVERA^CARMEN^""^|""')))
        assert patient.is_null(5, 3)
        assert patient.is_null(6)
        assert patient.text(6) == '""'
        assert not patient.is_null(5, 4)
        assert not patient.is_null(7)

    @pytest.mark.parametrize(
        ("typed", "occurrence", "event"),
        [("ADT^A12", "A02", "A12"), ("ADT", "A02", "A02"), ("ADT^", "A03", "A03"), ("ADT", "", "")],
    )
    def test_event_is_that_of_the_header_before_that_of_evn(self, typed: str, occurrence: str, event: str) -> None:
        text = HEADER.replace("ADT^A01^ADT_A01", typed) + f"\rEVN|{occurrence}|2026\r"
        assert hl7.parse(text.encode()).event == event


class TestSeparators:
    @pytest.mark.parametrize(
        "end", [pytest.param("\r", id="CR"), pytest.param("\n", id="LF"), pytest.param("\r\n", id="CRLF")]
    )
    def test_ends_of_segments(self, end: str) -> None:
        message = hl7.parse(MESSAGE.replace("\r", end).encode())
        assert [segment.name for segment in message.segments] == ["MSH", "EVN", "PID", "PV1"]
        assert _patient(message).text(5, 2) == "JANE"

    def test_line_feed_inside_a_value_does_not_end_the_segment(self) -> None:
        message = hl7.parse(_named(b"DOE||19560412|F|||1 ELM ST\n2ND FLOOR^^DAYTON|||||||A900") + b"PV1|1|I\r")
        assert _patient(message).text(11) == "1 ELM ST\n2ND FLOOR"
        assert _patient(message).text(18) == "A900"
        assert message.segments[-1].name == "PV1"

    def test_blank_lines_and_indentation_do_not_matter(self) -> None:
        text = "\r\n" + HEADER + "\n\n  PID|1||M100||DOE \n \nPV1|1|I\n\n"
        assert [segment.raw(1) for segment in hl7.parse(text.encode()).segments[1:]] == ["1", "1"]
        assert _patient(hl7.parse(text.encode())).text(5) == "DOE"

    @pytest.mark.parametrize(
        ("declared", "expected"),
        [
            ("|^~\\&|", Separators()),
            ("|^~\\&#|", Separators()),
            ("|^~\\|", Separators()),
            ("|^~|", Separators()),
            ("|^|", Separators()),
            ("||", Separators()),
            ("|^~\\\\&|", Separators()),
            ("#@*\\%#", Separators("#", "@", "*", "\\", "%")),
            ("#!@%*#", Separators("#", "!", "@", "%", "*")),
            ("$&~!^$", Separators("$", "&", "~", "!", "^")),
            ("|&|", Separators("|", "&", "~", "\\", "^")),
        ],
    )
    def test_declared_separators(self, declared: str, expected: Separators) -> None:
        field = expected.field
        text = f"MSH{declared}EHR{field}HOSP{field * 5}ADT{expected.component}A01{field}W-1"
        message = hl7.parse(text.encode())
        assert message.separators == expected
        assert (message.event, message.sending_application, message.control_id) == ("A01", "EHR", "W-1")

    def test_values_read_with_other_separators(self) -> None:
        text = "MSH#@*%!#EHR#HOSP#####ADT@A01#W-1\rPID#1##M100@@@HOSP!1.2*77##O%T%B|^&@A%F%B"
        patient = _patient(hl7.parse(text.encode()))
        assert (patient.text(3), patient.text(3, 4, 2), patient.text(3, repetition=2)) == ("M100", "1.2", "77")
        assert (patient.text(5), patient.text(5, 2)) == ("O!B|^&", "A#B")

    @pytest.mark.parametrize(
        "raw",
        [b"", b"MSH", b"MSH|", b"MSH|\r", b"HELLO WORLD", b"PID|1||M100\rPV", b"MSH|^~\\&|EHR", b"MSH EHR HOSP",
         b"MSH|EHR|HOSP|||||ADT^A01", b"MSHAAAAAAAAAA", b"MSH|" + b"^" * 100, b"\x0b\x1c\r", b"\0\0\0"],
    )  # fmt: skip
    def test_what_is_no_message_is_refused_with_a_sentence(self, raw: bytes) -> None:
        with pytest.raises(Unparseable) as refusal:
            hl7.parse(raw)
        assert refusal.value.sentence.endswith(".")
        assert "HELLO" not in refusal.value.sentence
        assert refusal.value.segment == "MSH"


class TestCharacterSets:
    @pytest.mark.parametrize(
        ("declared", "codec"),
        [
            ("", "utf-8"),
            ("", "cp1252"),
            ("ASCII", "utf-8"),
            ("ASCII", "cp1252"),
            ("8859/1", "latin-1"),
            ("ISO-8859-1", "latin-1"),
            ("8859/2", "iso8859_2"),
            ("8859/15", "iso8859_15"),
            ("UNICODE UTF-8", "utf-8"),
            ("UNICODE", "utf-8"),
            ("UTF-8", "utf-8"),
            ("UNICODE UTF-8", "cp1252"),
            ("UNHEARD OF", "utf-8"),
            ("UNHEARD OF", "cp1252"),
            ("8859/1~UNICODE UTF-8", "latin-1"),
        ],
    )
    def test_declared_set_then_utf8_then_the_feed_default(self, declared: str, codec: str) -> None:
        message = hl7.parse(_named("JOSÉ^ZOË".encode(codec), charset=declared.encode()))
        assert message.charset == codec
        assert (_patient(message).text(5), _patient(message).text(5, 2)) == ("JOSÉ", "ZOË")

    @pytest.mark.parametrize(
        ("declared", "codec", "name"),
        [
            ("8859/5", "iso8859_5", "Иванов"),
            ("8859/7", "iso8859_7", "Παπάς"),
            ("8859/15", "iso8859_15", "Œuvre €"),
            ("GB 18030-2000", "gb18030", "李"),
            ("BIG-5", "big5", "陳"),
            ("KS X 1001", "euc_kr", "이"),
            ("~ISO IR87", "iso2022_jp_2", "山田"),
            ("UNICODE UTF-8", "utf-8", "MÜLLER-ÇELİK 이"),
        ],
    )
    def test_further_sets(self, declared: str, codec: str, name: str) -> None:
        message = hl7.parse(_named(name.encode(codec), charset=declared.encode()))
        assert message.charset == codec
        assert _patient(message).text(5) == name

    def test_feed_default_is_the_last_word_but_one(self) -> None:
        assert _patient(hl7.parse(_named("Łoś".encode("cp1250")), feed_charset="cp1250")).text(5) == "Łoś"

    def test_no_byte_is_ever_replaced(self) -> None:
        # 0x81 means nothing in UTF-8 and nothing in Windows-1252.
        message = hl7.parse(_named(b"A\x81B\xff"))
        assert _patient(message).text(5) == "A\x81B\xff"
        assert message.charset == "latin-1"

    @pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    def test_byte_order_marks_and_wide_characters(self, codec: str) -> None:
        raw = (MESSAGE.replace("JANE", "ZOË") + MESSAGE).encode(codec)
        first, second = (hl7.parse(part) for part in hl7.split_messages(raw))
        assert _patient(first).text(5, 2) == "ZOË"
        assert _patient(second).text(5, 2) == "JANE"

    def test_a_file_that_is_wide_within_wide_is_split_and_reported(self) -> None:
        for part in hl7.split_messages(MESSAGE.encode("utf-32")):
            hl7.acknowledgement(None, Answer("AR", "No."), control_id="7", at="2026", head=part)

    def test_nul_never_reaches_a_value(self) -> None:
        patient = _patient(hl7.parse(_named(b"DO\0E^A\\X00\\B")))
        assert (patient.text(5), patient.text(5, 2)) == ("DOE", "A\\X00\\B")


class TestEscapes:
    @pytest.mark.parametrize(
        ("sent", "text"),
        [
            ("O\\T\\BRIEN", "O&BRIEN"),
            ("A\\F\\B\\S\\C\\R\\D\\E\\E", "A|B^C~D\\E"),
            ("one\\.br\\two", "one\ntwo"),
            ("JOS\\XC389\\", "JOSÉ"),
            ("JOS\\XC3\\\\X89\\", "JOSÉ"),
            ("\\X0D0A\\", "\r\n"),
            ("\\XE9\\", "é"),
            ("A\\dir", "A\\dir"),
            ("A\\dir\\B", "A\\dir\\B"),
            ("C:\\dir\\T\\x", "C:\\dir&x"),
            ("\\H\\bold\\N\\", "\\H\\bold\\N\\"),
            ("\\E\\R\\", "\\R\\"),
            ("\\", "\\"),
            ("\\\\", "\\\\"),
            ("A\\XG1\\B\\X1\\", "A\\XG1\\B\\X1\\"),
            ("trailing\\T", "trailing\\T"),
        ],
    )
    def test_decoded(self, sent: str, text: str) -> None:
        assert hl7.unescape(sent) == text
        assert _patient(hl7.parse(_named(sent.encode()))).text(5) == text
        assert _patient(hl7.parse(_named(sent.encode()))).repetitions(5)[0].text() == text

    def test_hexadecimal_bytes_are_of_the_character_set_of_the_message(self) -> None:
        assert _patient(hl7.parse(_named(b"\\XA4\\", charset=b"8859/15"))).text(5) == "€"

    @given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
    def test_escape_and_back(self, text: str) -> None:
        for separators in (Separators(), Separators("#", "@", "*", "%", "!")):
            sent = hl7.escape(text, separators)
            assert not set(sent) & set("\r\n\x0b\x1c")
            assert hl7.unescape(sent, separators) == text

    @given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
    def test_escaped_text_survives_a_message(self, text: str) -> None:
        raw = f"{HEADER}||||||UNICODE UTF-8\rPID|1||M100||x{hl7.escape(text)}x^JANE\rPV1|1|I\r".encode()
        message = hl7.parse(raw)
        assert (_patient(message).text(5), _patient(message).text(5, 2)) == (f"x{text}x", "JANE")
        assert len(message.segments) == 3


class TestFiles:
    ONE = MESSAGE.encode()
    TWO = MESSAGE.replace("W-1", "W-2").encode()

    @pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
    @pytest.mark.parametrize(
        "layout",
        [
            pytest.param(b"%b%b", id="one after the other"),
            pytest.param(b"\n%b\n\n%b\n", id="blank lines between"),
            pytest.param(b"\x0b%b\x1c\r\x0b%b\x1c\r", id="MLLP"),
            pytest.param(b"\x0b%b\x1c\x0b%b\x1c", id="MLLP without CR"),
            pytest.param(b"\xef\xbb\xbf%b\xef\xbb\xbf%b", id="byte order marks"),
            pytest.param(b"FHS|^~\\&|EHR\rBHS|^~\\&|EHR\r%b%bBTS|2\rFTS|1\r", id="batch"),
            pytest.param(b"BHS|^~\\&|EHR\r%bBTS|1\rBHS|^~\\&|EHR\r%bBTS|7", id="two batches, a wrong count"),
            pytest.param(b"\x0bFHS|^~\\&|EHR\r%b%bFTS\r\x1c\r", id="batch in a frame"),
        ],
    )
    def test_two_messages(self, layout: bytes, end: bytes) -> None:
        data = (layout % (self.ONE, self.TWO)).replace(b"\r", end)
        found = [hl7.parse(raw) for raw in hl7.split_messages(data)]
        assert [message.control_id for message in found] == ["W-1", "W-2"]
        assert [[segment.name for segment in message.segments] for message in found] == [
            ["MSH", "EVN", "PID", "PV1"]
        ] * 2

    def test_msh_inside_a_value_starts_no_message(self) -> None:
        data = MESSAGE.encode() + b"NTE|1||MSH|^~\\& is the header\rZMS|MSH|x\r"
        assert list(hl7.split_messages(data)) == [data.rstrip(b"\r")]

    def test_file_without_a_message_is_not_passed_over(self) -> None:
        assert list(hl7.split_messages(b"name,bed\nDOE,4W\n")) == [b"name,bed\nDOE,4W"]
        assert list(hl7.split_messages(b"\r\n\x0b\x1c\r")) == []
        assert list(hl7.split_messages(b"FHS|^~\\&|EHR\rFTS|0\r")) == []

    def test_last_letter_that_looks_like_a_mark_stays(self) -> None:
        # 0xEF is also the first byte of the UTF-8 byte order mark.
        raw = _named("DOï".encode("cp1252")).rstrip(b"\r")
        assert _patient(hl7.parse(next(iter(hl7.split_messages(raw))))).text(5) == "DOï"


class TestAcknowledgements:
    def _lines(self, raw: bytes) -> list[list[str]]:
        return [line.split("|") for line in raw.decode().rstrip("\r").split("\r")]

    def test_accepted(self) -> None:
        about = hl7.parse(MESSAGE.replace("|2.5.1", "|2.5.1||||||UNICODE UTF-8", 1).encode())
        raw = hl7.acknowledgement(about, Answer("AA"), control_id="7", at="20260310081501")
        answer = hl7.parse(raw)
        assert [segment.name for segment in answer.segments] == ["MSH", "MSA"]
        header = answer.header
        assert [header.text(n) for n in (3, 4, 5, 6, 7)] == ["UR", "HUB", "EHR", "HOSP", "20260310081501"]
        assert header.raw(9) == "ACK^A01^ACK"
        assert (header.text(10), header.text(11), header.text(12), header.text(18)) == (
            "7", "P", "2.5.1", "UNICODE UTF-8",
        )  # fmt: skip
        assert answer.segments[1].raw(1) == "AA"
        assert answer.segments[1].raw(2) == "W-1"

    @pytest.mark.parametrize(
        ("version", "typed", "errors"),
        [("2.1", "ACK", 0), ("2.3", "ACK^A01", 0), ("2.4", "ACK^A01^ACK", 0), ("2.5", "ACK^A01^ACK", 1),
         ("2.8", "ACK^A01^ACK", 1), ("2.x", "ACK", 0)],
    )  # fmt: skip
    def test_form_follows_the_version(self, version: str, typed: str, errors: int) -> None:
        about = hl7.parse(MESSAGE.replace("2.5.1", version).encode())
        refused = Answer("AE", "PID-3 holds no identifier.", "PID", 3)
        answer = hl7.parse(hl7.acknowledgement(about, refused, control_id="7", at="2026"))
        assert (answer.version, answer.header.raw(9)) == (version, typed)
        assert answer.segments[1].raw(3) == "PID-3 holds no identifier."
        assert len(answer.all("ERR")) == errors
        for error in answer.all("ERR"):
            assert (error.raw(2), error.text(3), error.text(4)) == ("PID^1^3", "101", "E")
            assert error.text(8) == "PID-3 holds no identifier."

    @pytest.mark.parametrize(
        ("answer", "condition"),
        [(Answer("AR", "x", "MSH", 9), "200"), (Answer("AR", "x", "MSH", 11), "202"), (Answer("AR", "x"), "207"),
         (Answer("AE", "x", "MSH", 10), "101"), (Answer("AE", "x"), "100"), (Answer("CE", "x", "PID", 3), "101")],
    )  # fmt: skip
    def test_condition_of_the_error(self, answer: Answer, condition: str) -> None:
        sent = hl7.parse(hl7.acknowledgement(hl7.parse(MESSAGE.encode()), answer, control_id="7", at="2026"))
        assert sent.all("ERR")[0].text(3) == condition

    def test_speaks_with_the_separators_and_letters_of_the_sender(self) -> None:
        text = "MSH#@*\\%#EHR#HÔP#UR#HUB#2026##ADT@A01#W%1#P#2.5#####8859/1\rPID#1"
        about = hl7.parse(text.encode("latin-1"))
        raw = hl7.acknowledgement(about, Answer("AE", "50 % # sent"), control_id="7", at="2026")
        assert "HÔP".encode("latin-1") in raw
        answer = hl7.parse(raw)
        assert answer.separators == about.separators
        assert answer.segments[1].raw(2) == "W%1"
        assert answer.segments[1].text(3) == "50 % # sent"

    @pytest.mark.parametrize(
        ("head", "echo", "receiver"),
        [
            (b"HELLO WORLD", "", ""),
            (b"", "", ""),
            (b"MSH|", "", ""),
            (b"MSH|^~\\&|EHR", "", "EHR"),
            (MESSAGE.encode()[:90], "W-1", "EHR"),
        ],
    )
    def test_without_a_message_what_can_be_read_is_answered(self, head: bytes, echo: str, receiver: str) -> None:
        raw = hl7.acknowledgement(None, Answer("AR", "The message is too long."), control_id="7", at="2026", head=head)
        answer = hl7.parse(raw)
        assert answer.segments[1].raw(1) == "AR"
        assert answer.segments[1].raw(2) == echo
        assert answer.header.raw(5) == receiver


_pieces = st.sampled_from(
    [b"MSH|^~\\&|", b"MSH", b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"PID|1||", b"\x0b", b"\x1c", b"\0", b'""',
     b"\\X", b"C3", b"ADT^A01", b"\xef\xbb\xbf", b"\xff\xfe", b"BTS|2\r", b"|||||||||", b"UNICODE UTF-16", b"\x1b$B"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(_pieces | st.binary(max_size=6), max_size=40).map(b"".join), st.booleans())
def test_no_bytes_raise_anything_but_unparseable(noise: bytes, headed: bool) -> None:
    data = HEADER.encode() + noise if headed else noise
    for raw in (data, *hl7.split_messages(data)):
        try:
            message = hl7.parse(raw)
        except Unparseable:
            hl7.acknowledgement(None, Answer("AE", "It cannot be read."), control_id="7", at="2026", head=raw)
            continue
        for segment in message.segments:
            for field in range(segment.fields + 2):
                assert "\0" not in segment.text(field, 2)
                assert all("\0" not in part.text() for part in segment.repetitions(field))
        hl7.parse(hl7.acknowledgement(message, Answer("AE", "No."), control_id="7", at="2026"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([MESSAGE.encode(), MESSAGE.replace("W-1", "W-2").encode()]), min_size=1, max_size=6))
def test_split_loses_and_invents_no_message(messages: list[bytes]) -> None:
    assert [raw + b"\r" for raw in hl7.split_messages(b"".join(messages))] == messages


@pytest.mark.parametrize(
    "unit", [b"\n", b"\x0b", b" ", b"\\", b"\\X41", b"\\X41\\", b"\n ", b"\nMSH", b"\nBTS", b"\0", b"~", b"|"]
)
def test_a_megabyte_of_anything_takes_no_more_than_its_length(unit: bytes) -> None:
    # A step that looked at the rest once per byte would need hours here, and the run would be stopped.
    data = _named(b"DOE^" + unit * (1_000_000 // len(unit)))
    messages = [hl7.parse(raw) for raw in hl7.split_messages(data)]
    assert _patient(messages[0]).text(3) == "M100"
    assert [part.text(2) for part in _patient(messages[0]).repetitions(5)]
