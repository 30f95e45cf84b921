"""Language and script, on sentences that no rule was tried on."""

from __future__ import annotations

import polars as pl
import pytest

from dideban.simulate.text_pairs import make_pairs
from dideban.text import detect_language

HELD_OUT = {
    "fa": ["همسایه‌ها برای پاک‌سازی رودخانه قرار گذاشتند", "نانوايي محله ديشب تا دير وقت باز بود و همه راضي بودند"],
    "ar": ["تعاون الجيران في تنظيف النهر صباح السبت", "بقي المخبز مفتوحا حتى ساعة متأخرة وكان الجميع راضين"],
    "ckb": ["دراوسێکان بۆ پاککردنەوەی ڕووبارەکە کۆبوونەوە", "نانەواخانەکە هەتا درەنگ کراوە بوو"],
    "ur": ["پڑوسیوں نے دریا کی صفائی کے لیے وقت مقرر کیا", "تندور رات دیر تک کھلا رہا اور سب لوگ خوش تھے"],
    "ps": ["ګاونډیان د سیند د پاکولو لپاره سره راټول شول", "د کلي ډوډۍ پخوونکی تر ناوخته خلاص و"],
    "az-Arab": [
        "قونشولار چایی تمیزله‌مک اوچون بیر یئره گلدیلر",
        "چؤرکچی گئجه‌یه قدر آچیق ایدی و هامی راضی ایدی بو ایشدن",
    ],
    "en": ["The neighbours met on Saturday morning to clean the river banks together"],
    "ru": ["Соседи собрались в субботу утром, чтобы вместе очистить берег реки"],
    "tr": ["Komşular cumartesi sabahı nehri temizlemek için bir araya geldi"],
    "zh": ["邻居们星期六早上一起清理河岸"],
    "ja": ["隣人たちは土曜日の朝に川をきれいにした"],
    "ko": ["이웃들이 토요일 아침에 강을 청소했다"],
    "th": ["เพื่อนบ้านช่วยกันทำความสะอาด"],
    "he": ["השכנים ניקו את הנהר"],
    "el": ["Οι γείτονες καθάρισαν το ποτάμι"],
}


@pytest.mark.parametrize("lang", HELD_OUT)
def test_language(lang):
    found = detect_language(pl.Series(HELD_OUT[lang]))
    assert found["lang"].to_list() == [lang] * len(found)
    assert found["confidence"].is_between(0.15, 1.0).all()


@pytest.mark.parametrize(
    "text", ["", "ok", "😀😀😀", "123 456 789 012 345", "https://example.org/some/long/path", "سلام"]
)
def test_short_text_is_und(text):
    found = detect_language(pl.Series([text]))
    assert found["lang"].item() == "und"
    assert found["confidence"].item() == 0.0


def test_script_is_that_of_most_letters():
    texts = pl.Series(["park and парк open", "парк открыт park", "كتاب book كتاب كتاب", "!!!", "図書館は"])
    assert detect_language(texts)["script"].to_list() == ["Latn", "Cyrl", "Arab", "Zyyy", "Jpan"]


def test_null_stays_null_and_nothing_is_lost():
    found = detect_language(pl.Series([None, "The bridge is open again today"], dtype=pl.String))
    assert found["lang"].to_list() == [None, "en"]
    assert detect_language(pl.Series([], dtype=pl.String)).is_empty()


@pytest.mark.parametrize(("lang", "least"), [("fa", 0.97), ("ar", 0.97), ("en", 0.95)])
def test_generated_texts(lang, least):
    texts = make_pairs(lang, n_per_kind=15, seed=9)["left"].unique()
    assert (detect_language(texts)["lang"] == lang).mean() >= least
