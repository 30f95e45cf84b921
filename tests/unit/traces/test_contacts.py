"""Contacts: which spellings are one, what is none, what a stranger may see, and that no text is slow."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import TraceConfig
from dideban.errors import SchemaError
from dideban.schema import OBJECT_KINDS, POSTS, TRACES
from dideban.traces import extract_traces, mask_contact, mask_text, mask_texts
from dideban.traces.contact import MAX_PER_POST, MAX_TOPICS, spot_contacts
from dideban.traces.contact_masks import clean
from dideban.traces.contact_rules import FAMILIES, Contact
from dideban.traces.wallets import keccak256, read_wallet

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
HIDDEN = "".join(map(chr, [0x200B, 0x200C, 0x200D, 0x200E, 0x2060, 0x2063, 0x202B, 0x202C, 0x00AD, 0xFEFF, 0xFE0F]))


def contacts(text: str) -> list[str]:
    """``family:key`` of every contact of a text, each once, in order of family and place."""
    spotted = spot_contacts(pl.DataFrame({"row": [0], "text": [text]}, schema={"row": pl.UInt32, "text": pl.String}))
    found = [one for rule, what in spotted.select("rule", "found").iter_rows() for one in FAMILIES[rule].read(what)]
    return list(dict.fromkeys(f"{one.family}:{one.key}" for one in found))


def posts(*rows: tuple[str, str], **columns: Any) -> pl.DataFrame:
    full = [
        {
            "post_id": str(n), "account_id": account, "platform": "x", "source": "t", "lang": None, "text": text,
            "created_at": NOON + timedelta(seconds=n), "urls": [], "hashtags": [], "mentions": [], "media": [],
            "repost_of": None, "reply_to": None, "quote_of": None, "place": None, "reach": None, **columns,
        }
        for n, (account, text) in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(full, schema=POSTS.dtypes)


def shared(*rows: tuple[str, str], **columns: Any) -> dict[str, list[str]]:
    found = extract_traces(posts(*rows, **columns), config=TraceConfig(kinds=("contact",)))
    held: dict[str, list[str]] = {}
    for name, account in found.traces.select("object_id", "account_id").iter_rows():
        held.setdefault(name, []).append(account)
    return held


@pytest.mark.parametrize(
    "text",
    [
        "+98 912 345 6789", "+98-912-345-67-89", "0098 912 345 6789", "+98 (0)912 345 6789", "(+98) 912 3456789",
        "0912 345 6789", "09123456789", "(0912) 345-6789", "0912.345.6789", "tel 0912/3456789",
        "۰۹۱۲ ۳۴۵ ۶۷۸۹", "٠٩١٢٣٤٥٦٧٨٩", "０９１２３４５６７８９", "+۹۸ ۹۱۲ ۳۴۵ ۶۷۸۹", "تماس: ۹۱۲۳۴۵۶۷۸۹", "واتس‌اپ 989123456789",
        "للتواصل 00989123456789", "https://wa.me/989123456789", "wa.me/+989123456789", "tel:+98-912-345-6789",
        "https://t.me/+989123456789", "https://api.whatsapp.com/send?phone=%2B989123456789&text=hi",
        "0912\u00a0345\u00a06789", f"0912{HIDDEN}345{HIDDEN}6789", "call us:\n0912 345 6789!", "09123456789، 09123456789",
    ],
)  # fmt: skip
def test_spellings_of_one_telephone_number(text: str) -> None:
    assert contacts(text) == ["phone:123456789"]


@pytest.mark.parametrize(
    "text",
    [
        "1700000000", "12,345,678,900", "0.123456789", "05/06/2024 10:30", "2024-05-01 12:30:00", "03-04-2024 1200",
        "6037 9911 2233 4455", "order 4512 3345 1", "$0912345678", "#0912345678901", "0912345678%", "id=0912345678",
        "00000000000", "0001234567890", "0912 34", "09123456789012345", "ISBN 0306406152", "x0912345678", "0912345678x",
        "1 2 3 4 5 6 7 8 9 10 11", "+1234", "+000 123 456 789", "0 1 2 3 4 5 6 7 8 9", "t.me/channel", "192.168.100.100",
    ],
)  # fmt: skip
def test_numbers_that_nobody_can_call(text: str) -> None:
    assert contacts(text) == []


def test_two_numbers_in_one_line_are_two() -> None:
    assert contacts("0912 345 6789 0935 111 2233") == ["phone:123456789", "phone:351112233"]
    assert contacts("+44 20 7946 0958 / 0044 20 7946 0959") == ["phone:079460958", "phone:079460959"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$NXS", ["cashtag:NXS"]), ("($nxs)", ["cashtag:NXS"]), ("＄NXS", ["cashtag:NXS"]), ("buy $NXS, $GRS!", ["cashtag:NXS", "cashtag:GRS"]),
        ("$BRK.B", ["cashtag:BRK.B"]), ("$F", ["cashtag:F"]), ("$1INCH", []), ("US$", []), ("$USD", []), ("$a", []), ("A$AP", []),
        ("$100", []), ("$$$", []), ("x$NXS", []), ("$averylongword", []), (f"${HIDDEN}NXS", ["cashtag:NXS"]),
        ("NXS/BTC", ["pair:NXS/BTC"]), ("NXS-BTC", ["pair:NXS/BTC"]), ("NXS_BTC", ["pair:NXS/BTC"]), ("NXS / BTC", ["pair:NXS/BTC"]),
        ("#NXSUSDT", ["pair:NXS/USDT"]), ("NXSUSDT.P", ["pair:NXS/USDT"]), ("ＮＸＳ/ＢＴＣ", ["pair:NXS/BTC"]), ("1000PEPE/USDT", ["pair:1000PEPE/USDT"]),
        ("USDT/USDT", []), ("and/or", []), ("24/USD", []), ("km/h", []), ("TCP/IP", []), ("word-BTC", []), ("USDT", []),
    ],
)  # fmt: skip
def test_cashtags_and_pairs(text: str, found: list[str]) -> None:
    assert contacts(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ana@Example.ORG", ["email:ana@example.org"]), ("ana+news@example.org", ["email:ana@example.org"]),
        ("a.n.a@gmail.com and ana@googlemail.com", ["email:ana@gmail.com"]), ("ana [at] example [dot] org", ["email:ana@example.org"]),
        ("ana(at)example.org", ["email:ana@example.org"]), ("ＡＮＡ＠ｅｘａｍｐｌｅ．ｏｒｇ", ["email:ana@example.org"]),
        (f"ana{HIDDEN}@example.org", ["email:ana@example.org"]), ("<ana@example.org>.", ["email:ana@example.org"]),
        ("ایمیل:ana@example.org", ["email:ana@example.org"]), ("mailto:ana@example.org", ["email:ana@example.org"]),
        ("@ana@mastodon.social", []), ("https://ana@example.org/", []), ("ana@example", []), ("ana@localhost.invalidtld", []), ("@ana", []),
    ],
)  # fmt: skip
def test_mailboxes(text: str, found: list[str]) -> None:
    assert contacts(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("https://t.me/+AbCdEfGhIjK12345", "t.me/+AbCdEfGhIjK12345"), ("t.me/joinchat/AbCdEfGhIjK12345", "t.me/+AbCdEfGhIjK12345"),
        ("telegram.me/joinchat/AbCdEfGhIjK12345", "t.me/+AbCdEfGhIjK12345"), ("tg://join?invite=AbCdEfGhIjK12345", "t.me/+AbCdEfGhIjK12345"),
        ("T.ME/%2BAbCdEfGhIjK12345", "t.me/+AbCdEfGhIjK12345"), (f"t.me/{HIDDEN}+AbCdEfGhIjK12345", "t.me/+AbCdEfGhIjK12345"),
        ("chat.whatsapp.com/AbCdEfGhIjKlMnOpQrSt12", "chat.whatsapp.com/AbCdEfGhIjKlMnOpQrSt12"),
        ("https://chat.whatsapp.com/invite/AbCdEfGhIjKlMnOpQrSt12?mode=x", "chat.whatsapp.com/AbCdEfGhIjKlMnOpQrSt12"),
        ("discord.gg/Abc-12", "discord.gg/Abc-12"), ("https://discord.com/invite/Abc-12", "discord.gg/Abc-12"),
        ("discordapp.com/invite/Abc-12", "discord.gg/Abc-12"),
        ("https://rubika.ir/joing/ABCDEF1234567890", "rubika.ir/joing/ABCDEF1234567890"),
        ("eitaa.com/joinchat/123456Cabc", "eitaa.com/joinchat/123456Cabc"),
    ],
)  # fmt: skip
def test_invitations(text: str, found: str) -> None:
    assert contacts(text) == [f"invite:{found}"]


def test_the_case_of_a_code_matters_and_channels_are_no_invitations() -> None:
    assert contacts("t.me/+AbCdEfGhIjK12345 t.me/+abcdefghijk12345") == [
        "invite:t.me/+AbCdEfGhIjK12345", "invite:t.me/+abcdefghijk12345"
    ]  # fmt: skip
    assert contacts("https://t.me/durov https://discord.com/channels/1 https://whatsapp.com/") == []


VALID = [
    ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "btc"), ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "btc"),
    ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "btc"), ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "btc"),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "btc"), ("LQTpS3VaYTjCr4s9Y1t5zbeY26zevf7Fb3", "ltc"),
    ("DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L", "doge"), ("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "tron"),
    ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "eth"), ("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "eth"),
    ("0xde709f2102306220921060314715629080e2fb77", "eth"), ("0x52908400098527886E0F7030069857D2E4169EE7", "eth"),
    ("EQDKbjIcfM6ezt8KjKJJLshZJJSqX7XOA4ff-W72r5gqPrHF", "ton"),
]  # fmt: skip
"""Examples published with the formats (BIP 173, BIP 350, EIP-55) and contracts and addresses everybody knows."""


@pytest.mark.parametrize(("address", "network"), VALID)
def test_addresses_whose_checksum_holds(address: str, network: str) -> None:
    wallet = read_wallet(address)
    assert wallet is not None
    assert wallet[0] == network
    assert contacts(f"pay ({address})!") == [f"wallet:{network}:{wallet[1]}"]


@pytest.mark.parametrize("address", [address for address, _ in VALID if address not in (VALID[10][0], VALID[11][0])])
def test_no_single_mistake_goes_unseen(address: str) -> None:
    letters = sorted(set("".join(address for address, _ in VALID)) - {"-"})
    for at in range(4, len(address)):
        for letter in random.Random(at).sample(letters, 8):
            wrong = address[:at] + letter + address[at + 1 :]
            same_case = wrong.lower() in (address.lower(), wrong) or wrong[2:].upper() == wrong[2:]
            if wrong != address and not (address.startswith("0x") and same_case):
                assert read_wallet(wrong) is None, wrong


def test_one_wallet_in_two_cases_is_one() -> None:
    mixed, segwit = VALID[8][0], VALID[2][0]
    assert read_wallet(mixed) == read_wallet(mixed.lower()) == read_wallet("0X" + mixed[2:].upper())
    assert read_wallet(segwit) == read_wallet(segwit.upper())
    assert read_wallet(segwit[:10].upper() + segwit[10:]) is None
    assert contacts("0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b") == []  # a transaction


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_keccak_is_not_sha3(data: bytes, digest: str) -> None:
    assert keccak256(data).hex() == digest
    assert len({keccak256(b"a" * n) for n in range(130, 141)}) == 11  # around the block of 136 bytes


def test_accounts_that_spell_a_number_differently_share_it() -> None:
    found = shared(("ana", "Call +98 912 345 6789"), ("bea", "شماره: ۰۹۱۲۳۴۵۶۷۸۹"), ("cai", "0935 111 2233"))
    assert [sorted(accounts) for accounts in found.values()] == [["ana", "bea"]]
    assert all("123456789" not in name for name in found)  # ids of people's numbers are digests


def test_links_count_too_and_reposts_do_not() -> None:
    assert (
        shared(("ana", "x"), ("bea", "x"), urls=["https://wa.me/989123456789"]).keys()
        == shared(("ana", "0912 345 6789"), ("bea", "0912 345 6789")).keys()
    )
    assert shared(("ana", "$NXS"), ("bea", "$NXS"), repost_of="9") == {}


def test_a_number_behind_an_address_is_no_link() -> None:
    rows = posts(("ana", "x"), ("bea", "x"), urls=["https://wa.me/989123456789", "https://example.org/a?phone=1"])
    found = extract_traces(rows, config=TraceConfig(kinds=("link",)))
    assert found.traces["object_id"].unique().to_list() == ["https://example.org/a?phone=1"]


def test_a_long_list_is_one_object() -> None:
    few, many = "$AAA $BBB $CCC", "$AAA $BBB $CCC $DDD"
    assert set(shared(("ana", few), ("bea", few))) == {"cashtag:AAA", "cashtag:BBB", "cashtag:CCC"}
    assert MAX_TOPICS == 3
    assert set(shared(("ana", many), ("bea", many))) == {"list:" + many}
    assert shared(("ana", many), ("bea", "$DDD $CCC $BBB $AAA")) == {}


def test_a_pair_stands_for_its_coin() -> None:
    assert set(shared(("ana", "$NXS NXS/BTC now"), ("bea", "$NXS NXS/BTC"))) == {"pair:NXS/BTC"}


def test_what_strangers_see() -> None:
    text = "Call 0912 345 6789, write ana@example.org, join t.me/+AbCdEfGhIjK12345, buy $NXS"
    masked = "Call •••• ••• ••89, write a••@•••••••.org, join t.me/+AbCdEfGhIjK12345, buy $NXS"
    assert mask_text(text) == masked
    phone, email = Contact(family="phone", key="123456789"), Contact(family="email", key="ana@example.org")
    assert mask_text(text, shown={phone.object_id, email.object_id}) == text
    assert mask_contact(phone.object_id, phone.label) == "…•••••••89"
    assert mask_contact(email.object_id, email.label) == "a••@•••••••.org"
    assert mask_texts(pl.Series([text, None, "۰۹۱۲۳۴۵۶۷۸۹", "nothing"])).to_list() == [
        masked, None, "•••••••••۸۹", "nothing"
    ]  # fmt: skip


TEXTS = st.lists(
    st.sampled_from(["0912 345 6789", "۰۹۱۲۳۴۵۶۷۸۹", "+98", " ", "a@b.org", "[at]", "$NXS", "$", "@", "(", "0x", "\u200c", "ﷺ", "٣", "."])
    | st.text(max_size=6),
    max_size=12,
).map("".join)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_masking_hides_exactly_what_is_read(text: str) -> None:
    masked = mask_text(text)
    assert len(masked) == len(text)
    assert not [one for one in contacts(masked) if one.startswith(("phone:", "email:"))]
    private = [one for one in contacts(text) if one.startswith(("phone:", "email:"))]
    assert (masked == text) or private
    assert mask_texts(pl.Series([text])).to_list() == [masked]


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(pl.Series([text]))
    assert clean(once).to_list() == once.to_list()


@pytest.mark.parametrize(
    "piece",
    [
        "0",
        "0 ",
        "(",
        "+",
        "a",
        "a.",
        "@",
        "a@",
        "[at]",
        "$",
        "A/",
        "1",
        "0x",
        "t.me/",
        "ABC-",
        "&",
        "=&",
        "ﷺ",
        "\u200c0",
    ],
)
def test_a_million_signs_are_read_in_bounded_steps(piece: str) -> None:
    texts = pl.DataFrame({"row": [0], "text": [piece * 1_000_000]}, schema={"row": pl.UInt32, "text": pl.String})
    spotted = spot_contacts(texts)
    read = [FAMILIES[rule].read(what) for rule, what in spotted.select("rule", "found").iter_rows()]
    assert len(read) <= MAX_PER_POST * len(FAMILIES)
    assert len(mask_text(piece * 1_000_000)) == len(piece) * 1_000_000


def test_tables_of_a_version_that_knew_fewer_kinds_are_read() -> None:
    known = pl.Enum(OBJECT_KINDS[:-1])
    old = TRACES.empty().with_columns(pl.col("object_kind").cast(known))
    assert TRACES.check(old).schema["object_kind"] == TRACES.dtypes["object_kind"]
    strange = TRACES.empty().with_columns(pl.col("object_kind").cast(pl.Enum(["link", "smell"])))
    with pytest.raises(SchemaError):
        TRACES.check(strange)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#BTCUSDT long", "pair:BTC/USDT"), ("SOL/USDT", "pair:SOL/USDT"), ("$ETH.X", "cashtag:ETH.X"), ("XRP/BTC 0.0005", "pair:XRP/BTC"),
        ("+1 (415) 555-2671", "phone:155552671"), ("+44 7911 123456", "phone:911123456"), ("+971 50 123 4567", "phone:501234567"),
        ("٠٠٩٧١٥٠١٢٣٤٥٦٧", "phone:501234567"), ("+۹۷۱۵۰۱۲۳۴۵۶۷", "phone:501234567"), ("واٹس ایپ 03001234567", "phone:001234567"),
        ("شماره ۰۲۱-۸۸۷۷۶۶۵۵", "phone:188776655"), ("021 8877 6655", "phone:188776655"), ("info{at}example.com", "email:info@example.com"),
        ("https://discordapp.com/invite/abc123", "invite:discord.gg/abc123"), ("tg://join?invite=AbCdEfGhIjK12345", "invite:t.me/+AbCdEfGhIjK12345"),
        ("telegram.me/joinchat/AbCdEfGhIjK12345", "invite:t.me/+AbCdEfGhIjK12345"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "wallet:btc:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
        ("TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW", "wallet:tron:TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW"),
        ("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", "wallet:ltc:ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"),
    ],
)  # fmt: skip
def test_further_spellings(text: str, found: str) -> None:
    assert contacts(text) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "Price $1,234.56", "2026-03-02", "02/03/2026 14:05", "order #123456789012", "tracking 1Z999AA10123456784", "IBAN DE89370400440532013000",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "1402/12/25", "۱۴۰۲/۱۲/۲۵", "ساعت ۱۲:۳۰", "۱۲۰۰۰۰۰۰۰ تومان", "ISBN 978-3-16-148410-0", "score 3-2", "10.0.0.1:8080", "v1.2.3-rc4",
        "0.00001234", "4111 1111 1111 1111", "lat 35.6892, lon 51.3890", "case 2023/12345", "12/24/48 hours", "€500", "$100M", "$5k", "50%",
        "AC/DC", "HTTP/2", "UTC+3", "GPT-4", "COVID-19", "F-16", "COP-28", "Q1/Q2", "0x1234", "t.me/s/durov", "me@home now", "10^9", "1e-10",
        "123-45-6789", "00:00:00", "COVID/FLU", "US/UK", "and/or BTC", "look at example dot now", "info at example dot com",
    ],
)  # fmt: skip
def test_further_look_alikes(text: str) -> None:
    assert contacts(text) == []
