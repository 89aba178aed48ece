from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.kernel import fields


@given(st.text(max_size=200))
def test_an_encrypted_text_is_read_back(text):
    assert fields.decrypt(fields.encrypt(text, "t|c|1"), "t|c|1") == text


def test_the_same_text_encrypts_differently_each_time():
    assert fields.encrypt("13800001234", "t|c|1") != fields.encrypt("13800001234", "t|c|1")


@given(st.lists(st.tuples(st.text(max_size=20), st.text("tc|0123456789", max_size=9)), max_size=5))
def test_many_are_encrypted_as_each_is(texts):
    sealed = fields.encrypt_many(texts)
    assert [fields.decrypt(data, aad) for data, (_, aad) in zip(sealed, texts, strict=True)] == [
        text for text, _ in texts
    ]
    assert len({data[1 : 1 + fields.NONCE] for data in sealed}) == len(texts)


@pytest.mark.parametrize("at", [0, 5, 20, -1])
def test_a_changed_byte_is_noticed(at):
    data = bytearray(fields.encrypt("13800001234", "t|c|1"))
    data[at] ^= 1
    with pytest.raises(fields.Unreadable):
        fields.decrypt(bytes(data), "t|c|1")


def test_a_value_moved_to_another_row_does_not_open():
    with pytest.raises(fields.Unreadable):
        fields.decrypt(fields.encrypt("x", "t|c|1"), "t|c|2")


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01short", b"\x02" + bytes(40)])
def test_rubbish_does_not_open(data):
    with pytest.raises(fields.Unreadable):
        fields.decrypt(data, "t|c|1")


def test_another_key_does_not_open_it(settings):
    data = fields.encrypt("x", "t|c|1")
    settings.FIELD_KEY = b"\x07" * 32
    with pytest.raises(fields.Unreadable):
        fields.decrypt(data, "t|c|1")


def test_a_blind_index_finds_equal_values_within_its_purpose_only(settings):
    first = fields.blind_index("phone", "13800001234")
    assert first == fields.blind_index("phone", "13800001234")
    assert first != fields.blind_index("phone", "13800001235")
    assert first != fields.blind_index("identity", "13800001234")
    assert len(first) == 64
    settings.FIELD_KEY = b"\x07" * 32
    assert first != fields.blind_index("phone", "13800001234")


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13800001234", "138****1234"), ("02157340000", "021****0000"), ("12345", "*****"), ("", "")],
)
def test_a_masked_number_hides_its_middle(phone, shown):
    assert fields.mask_phone(phone) == shown
