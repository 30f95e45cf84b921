"""Clusters of near-duplicate texts: what is an object, what meets, and input that means harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.kernels.minhash_lead import find_runs
from dideban.kernels.text import main_scripts
from dideban.progress import SILENT
from dideban.text import cluster_texts, sign_texts

START = datetime(2024, 5, 1, tzinfo=UTC)
SAID = "The library on Mill Street opens its doors again on Monday, with longer evening hours for readers."
SAID_FA = "کتابخانه‌ی خیابان آسیاب از دوشنبه دوباره باز می‌شود و تا ساعت نه شب در خدمت خوانندگان خواهد بود."
OTHER = "Bus line 40 takes another route from Tuesday because the bridge is closed for works until autumn."


def posts(*texts: str | None, hours: float = 1.0, ids: list[str] | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "post_id": ids or [f"p{i:02}" for i in range(len(texts))],
            "text": texts,
            "created_at": [START + timedelta(hours=hours * i) for i in range(len(texts))],
        },
        schema={"post_id": pl.String, "text": pl.String, "created_at": pl.Datetime("us", "UTC")},
    )


def groups(frame: pl.DataFrame) -> list[list[str]]:
    found = cluster_texts(frame).group_by("text_id").agg(pl.col("post_id").sort())
    return sorted(found["post_id"].to_list())


def test_one_message_in_many_dresses():
    frame = posts(
        SAID,
        "RT @ana: " + SAID,
        SAID.upper() + " 😀 https://example.org/a #news",
        "My neighbours will love this, it took two years. " + SAID,
        "«" + SAID + "» says the notice on the door",
        SAID[:70] + "…",
        SAID.replace("doors", "gates").replace("longer", "later"),
        OTHER,
    )
    assert groups(frame) == [[f"p{i:02}" for i in range(7)], ["p07"]]


def test_persian_spellings_meet_and_are_fully_alike():
    found = cluster_texts(posts(SAID_FA, SAID_FA.replace("ی", "ي").replace("ک", "ك"), SAID_FA.replace("\u200c", " ")))
    assert found["text_id"].n_unique() == 1
    assert found["similarity"].to_list() == [1.0, 1.0, 1.0]


def test_the_earliest_post_leads_and_ties_go_to_the_smaller_id():
    spun = SAID.replace("doors", "gates").replace("longer", "later")
    late, early = posts(SAID, spun), posts(spun, SAID)
    assert cluster_texts(late)["text_id"][0] != cluster_texts(early)["text_id"][0]
    tied = posts(SAID, spun, hours=0.0, ids=["b", "a"])
    assert cluster_texts(tied)["text_id"][0] == cluster_texts(posts(spun))["text_id"][0]
    assert cluster_texts(tied).filter(pl.col("post_id") == "a")["similarity"].item() == 1.0


def test_a_quoted_sentence_is_no_shared_message():
    quote = "«Dogs must be kept on a lead until noon», says the sign."
    mine = "The market moves to the harbour, where honey and cheese from the hills are sold in the shade."
    yours = "Our team lost by two goals yesterday although the new keeper played her best match of the season."
    assert groups(posts(f"{quote} {mine}", f"{yours} {quote}")) == [["p00"], ["p01"]]


def test_a_digest_does_not_tie_its_items_together():
    digest = f"1. {SAID}\n2. {OTHER}"
    assert not any({"p01", "p02"} <= set(group) for group in groups(posts(digest, SAID, OTHER)))


def test_a_chain_of_rewordings_ends_where_the_first_is_no_longer_in_it():
    words = SAID.split()
    filler = [
        *OTHER.split(),
        "honey",
        "cheese",
        "lanterns",
        "poplar",
        "kettle",
        "violin",
        "rowing",
        "museum",
        "tailor",
        "orchard",
    ]
    chain = [" ".join(filler[:i] + words[i:]) for i in range(0, len(words), 3)] + [" ".join(filler[: len(words)])]
    together = groups(posts(*chain))
    assert len(together) > 1
    assert not any({"p00", f"p{len(chain) - 1:02}"} <= set(group) for group in together)


def test_the_window_binds_rewordings_but_not_equal_texts():
    spun = SAID.replace("doors", "gates").replace("longer", "later")
    assert groups(posts(SAID, spun, hours=47.0)) == [["p00", "p01"]]
    assert groups(posts(SAID, spun, hours=49.0)) == [["p00"], ["p01"]]
    assert groups(posts(SAID, SAID, hours=1000.0)) == [["p00", "p01"]]
    # a later copy of the first keeps its cluster awake
    assert groups(posts(SAID, SAID, spun, hours=40.0)) == [["p00", "p01", "p02"]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "x",
        "too short to be a message",
        "a" * 500,
        "ha ha " * 40,
        "😀" * 100,
        "#news #city #today #neighbours #library #opening #monday",
        "@ana @ben @carl https://example.org/a/very/long/path/that/says/a/lot/of/things",
        "Good morning dear friends, have a lovely day and a blessed Friday everyone!",
        "سلام دوستان عزیز صبح همگی بخیر روز خوبی داشته باشید جمعه‌تان مبارک و شاد",
        "صباح الخير والورد أصدقائي الأعزاء جمعة مباركة عليكم جميعا وكل عام وأنتم بخير",
        "\x00" * 200,
    ],
)
def test_what_is_no_object_is_absent(text):
    assert cluster_texts(posts(text, SAID))["post_id"].to_list() == ["p01"]


def test_what_is_no_object_does_not_hide_its_print():
    tags = "#library #street #opens #doors #again #monday #readers #evening"
    frame = posts(tags, tags.replace("#", ""))
    assert cluster_texts(frame)["post_id"].to_list() == ["p01"]
    assert cluster_texts(frame.reverse()).equals(cluster_texts(frame))


def test_ideographs_count_two():
    assert len(cluster_texts(posts("市图书馆从星期一起重新开放晚上延长时间欢迎读者前来"))) == 1
    assert len(cluster_texts(posts("图书馆星期一开放"))) == 0


def test_han_and_thai_rewordings_meet():
    han = "市图书馆经过三个月的维修后从星期一起重新开放,晚上延长到九点,欢迎各位读者前来。"
    thai = "หอสมุดประจำเมืองเปิดให้บริการอีกครั้งในวันจันทร์หลังจากปิดซ่อมแซมนานหลายเดือน"
    frame = posts(han, han.replace("欢迎各位", "请广大"), thai, thai.replace("นานหลาย", "อยู่หลาย"))
    assert groups(frame) == [["p00", "p01"], ["p02", "p03"]]


def test_signature_lines_do_not_make_two_items_alike():
    sign = "\n\n❤ [Subscribe to the city channel](https://example.org/c) | [Send us news](https://example.org/b)"
    first = "Evening rain over the old town, bring an umbrella if you walk home"
    second = "The museum shows kites from three valleys until the end of May"
    assert groups(posts(first + sign, second + sign)) == [["p00"], ["p01"]]
    assert groups(posts(first + sign, first)) == [["p00", "p01"]]


@pytest.mark.parametrize(
    "text",
    [
        "word " * 2_000_000,
        "کلمه‌های " * 500_000,
        "".join(map(chr, range(0x4E00, 0x4E00 + 5000))) * 200,
        "e" + "\u0301" * 1_000_000,
        ("zal\u0335\u031bgo\u0353 " + SAID) * 50,
        "\u202e" * 1000 + SAID,
        "&amp;" * 100_000 + SAID,
        "&amp;amp;amp;amp;" * 100 + SAID,
        "https://" * 100_000,
        "@" * 1_000_000,
        "ф" + "a" * 1_000_000,
    ],
    ids=[
        "10MB",
        "persian",
        "han",
        "marks",
        "zalgo",
        "override",
        "entities",
        "entities-nested",
        "links",
        "names",
        "one-word",
    ],
)
def test_hostile_texts_end_in_time(text):
    found = cluster_texts(posts(text, SAID))
    assert "p01" in found["post_id"].to_list()


@pytest.mark.slow
def test_a_million_equal_texts_are_one():
    n = 1_000_000
    frame = pl.DataFrame(
        {"post_id": pl.int_range(n, eager=True).cast(pl.String), "text": pl.repeat(SAID, n, eager=True)}
    )
    found = cluster_texts(frame.with_columns(created_at=pl.lit(START).cast(pl.Datetime("us", "UTC"))))
    assert len(found) == n
    assert found["text_id"].n_unique() == 1


def test_one_passage_in_thousands_of_texts_stays_bounded_and_is_said():
    passage = " ".join(SAID.split()[:9])
    own = [
        " ".join(f"{chr(97 + (i * k) % 26)}{i * k % 9973:04}{chr(97 + i % 26)}" for k in range(3, 14))
        for i in range(3000)
    ]
    told: list[str] = []

    class Listener:
        def stage(self, name, *, total=None, unit="rows"):
            told.append(name)
            return SILENT.stage(name)

    frame = posts(*(f"{text} {passage}" for text in own), hours=0.001)
    found = cluster_texts(frame, progress=Listener())
    assert len(found) == 3000
    assert "texts-too-common" in told


def test_kept_signatures_give_the_same_answer_and_are_used():
    frame = posts(SAID, SAID.upper(), OTHER, SAID_FA, "short")
    signed = sign_texts(frame)
    assert signed["form"].null_count() == 2  # the equal text and the short one
    assert cluster_texts(frame, signatures=signed).equals(cluster_texts(frame))
    # what is kept is believed, not hashed again
    muted = signed.with_columns(n_chars=pl.lit(0, pl.Int32))
    assert cluster_texts(frame, signatures=muted).is_empty()
    # the row that carried the sketch of a print is gone
    assert cluster_texts(frame.tail(4), signatures=signed.tail(4)).equals(cluster_texts(frame.tail(4)))


@pytest.mark.parametrize(
    ("text", "script"),
    [("the park", 0), ("ένα πάρκο", 0), ("парк park открыт", 1), ("پارک park شهر", 2), ("公园开放", 3), ("1 2 3", 0),
     ("ab аб", 0), ("پارک парк", 1), ("สวน สาธารณะ", 3)],
)  # fmt: skip
def test_the_main_script_is_that_of_most_letters(text, script):
    data = np.frombuffer(text.encode(), np.uint8)
    assert main_scripts(data, np.array([0, len(data)])).tolist() == [script]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 30)), max_size=30), st.integers(0, 12))
def test_runs_end_where_posts_pause_for_longer_than_the_window(posts, window):
    posts = sorted(posts, key=lambda post: post[1])
    expected: list[list[int]] = []
    for node, at in posts:
        mine = [run for run in expected if run[0] == node]
        if mine and at - mine[-1][2] <= window:
            mine[-1][2] = at
        else:
            expected.append([node, at, at])
    table = np.array(posts, np.int64).reshape(-1, 2)
    got = find_runs(table[:, 0].copy(), table[:, 1].copy(), 5, window)
    assert [list(run) for run in zip(*(part.tolist() for part in got), strict=True)] == expected


def test_scripts_do_not_change_each_others_messages():
    latin, persian = posts(SAID, SAID.upper(), OTHER), posts(SAID_FA, SAID_FA + " 😀", ids=["q1", "q2"])
    together = groups(pl.concat([latin, persian]))
    assert together == sorted(groups(latin) + groups(persian))


def test_empty_table():
    found = cluster_texts(posts())
    assert found.is_empty()
    assert found.schema == {"post_id": pl.String, "text_id": pl.String, "similarity": pl.Float64}


def test_sketches_estimate_likeness_as_an_independent_minhash_does():
    from rensa import RMinHash

    def shingles(form: str) -> set[str]:
        return {form[i : i + 5] for i in range(len(form) - 4)}

    long = " ".join([SAID, OTHER, "The market moves to the harbour, where honey and cheese from the hills are sold."])
    frame = posts(long, long.replace("the", "a").replace("again", "anew"))
    signed = sign_texts(frame)
    left, right = (set(sketch) for sketch in signed["sketch"].to_list())
    smallest = sorted(left | right)[:48]
    own = len(left & right & set(smallest)) / 48
    a, b = (shingles(form) for form in signed["form"])
    peers = []
    for grams in (a, b):
        peer = RMinHash(num_perm=256, seed=1)
        peer.update(sorted(grams))
        peers.append(peer)
    truth = len(a & b) / len(a | b)
    assert 0.3 < truth < 0.9
    assert own == pytest.approx(truth, abs=0.2)
    assert peers[0].jaccard(peers[1]) == pytest.approx(truth, abs=0.1)


@pytest.mark.parametrize(
    "dress",
    [
        lambda text: "\u202e" + text + "\u202c",
        lambda text: "\u2066".join(text.split(" ")).replace("\u2066", "\u2066 "),
        lambda text: text.replace(" ", " \u200b"),
        lambda text: "".join(letter + "\u0336\u0353" for letter in text),
        lambda text: text.replace(" ", "\x00"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("o", "о").replace("e", "е"),  # Cyrillic letters
        lambda text: "".join(f"&amp;#{ord(letter)};" if letter.isalpha() else letter for letter in text),
        lambda text: "".join(chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in text),
    ],
    ids=[
        "override",
        "isolates",
        "zero-width",
        "zalgo",
        "nul",
        "bom",
        "mixed-scripts",
        "entities-twice",
        "mathematical",
    ],
)
def test_a_hostile_dress_hides_nothing(dress):
    frame = posts(SAID, dress(SAID))
    found = cluster_texts(frame)
    assert found["text_id"].n_unique() == 1
    assert found["similarity"].to_list() == [1.0, 1.0]
