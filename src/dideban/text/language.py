"""Language and script of texts, offline: script by counting letters, language by rules first and a small model after.

Rules come first because the model (py3langid) was trained on text that is cleaner than posts and knows no South
Azerbaijani; for the Arabic script they are also two orders of magnitude faster.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from dideban.arrays import U1
from dideban.kernels.text import count_scripts
from dideban.text.letters import N_TABLE
from dideban.text.normalise import chunks, strip_outside, to_bytes

MIN_LETTERS = 12
"""Texts with fewer letters get ``und`` unless their script alone names the language."""
MIN_LETTERS_SCRIPT = 3
MIN_CONFIDENCE = 0.15
"""Below it a guess of the model is ``und``."""
_READ_CHARS = 400

# Letter ranges after Unicode Scripts.txt, cut to what posts hold; ISO 15924 codes.
_SCRIPTS: dict[str, tuple[tuple[int, int], ...]] = {
    "Latn": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF), (0xFF21, 0xFF5A)),
    "Arab": ((0x620, 0x64A), (0x66E, 0x6D3), (0x6D5, 0x6D5), (0x6EE, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8C7), (0xFB50, 0xFDFB), (0xFE70, 0xFEFC)),
    "Cyrl": ((0x400, 0x52F), (0x1C80, 0x1C88), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)),
    "Hani": ((0x3005, 0x3007), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FA1F)),
    "Jpan": ((0x3041, 0x30FF), (0xFF66, 0xFF9D)),
    "Hang": ((0x1100, 0x11FF), (0x3131, 0x318E), (0xAC00, 0xD7A3)),
    "Thai": ((0xE01, 0xE2E), (0xE40, 0xE46)),
    "Hebr": ((0x5D0, 0x5EA), (0x5EF, 0x5F2)),
    "Grek": ((0x370, 0x3FF), (0x1F00, 0x1FFF)),
    "Deva": ((0x904, 0x939), (0x958, 0x97F)),
    "Beng": ((0x985, 0x9B9),), "Guru": ((0xA05, 0xA39),), "Gujr": ((0xA85, 0xAB9),), "Orya": ((0xB05, 0xB39),),
    "Taml": ((0xB85, 0xBB9),), "Telu": ((0xC05, 0xC39),), "Knda": ((0xC85, 0xCB9),), "Mlym": ((0xD05, 0xD39),),
    "Sinh": ((0xD85, 0xDC6),), "Laoo": ((0xE81, 0xEAE),), "Mymr": ((0x1000, 0x102A),), "Khmr": ((0x1780, 0x17B3),),
    "Geor": ((0x10A0, 0x10FF), (0x1C90, 0x1CBF)), "Armn": ((0x531, 0x587),), "Ethi": ((0x1200, 0x137F),),
    "Thaa": ((0x780, 0x7B1),), "Syrc": ((0x710, 0x74F),), "Tibt": ((0xF40, 0xF6C),), "Mong": ((0x1820, 0x1878),),
}  # fmt: skip

_ONE_LANGUAGE = {
    "Jpan": "ja", "Hang": "ko", "Thai": "th", "Hebr": "he", "Grek": "el", "Guru": "pa", "Gujr": "gu", "Orya": "or",
    "Taml": "ta", "Telu": "te", "Knda": "kn", "Mlym": "ml", "Sinh": "si", "Laoo": "lo", "Mymr": "my", "Khmr": "km",
    "Geor": "ka", "Armn": "hy", "Thaa": "dv", "Syrc": "syr", "Tibt": "bo",
}  # fmt: skip
"""Scripts that leave one likely language among those of public posts."""

# Letters and words that speak for a language of the Arabic script: (letters, weight of a letter, words).
_ARABIC: dict[str, tuple[str, float, str]] = {
    "fa": ("پچژگ", 1.0, "که را از این است می های برای با شد شود بود خود آن در به هم نیز اما یا تا هر ما شما کرد کند کرده شده دارد داد نمی باید یک بر چه ها روز سال"),
    "ar": ("ةإأ", 1.5, "في من على إلى الى أن ان هذا هذه التي الذي عن مع كان لا ما كل بعد قبل بين ذلك وقد قد لم لن هو هي أو او ثم حتى عند غير يوم"),
    "ckb": ("ەێۆڵڕڤ", 1.5, "لە بە بۆ کە لەگەڵ ئەم ئەو دەبێت دەکات بوو هەر هەموو نە زۆر وە یان ئێمە"),
    "ur": ("ٹڈڑےںہھ", 1.5, "ہے کے میں کی کا اور سے نے کو پر ہیں کہ یہ وہ تھا بھی نہیں ہو ایک کر گیا"),
    "ps": ("ټډړښږڼځڅېۍګ", 1.8, "د په چې او دی ده نه سره دې ته یې کې کړ شو شوي لپاره باندې هم دغه موږ"),
    "az-Arab": ("ؤۆۇ", 0.6, "بیر دیر چوخ اوچون بو ایله وار یوخ اولان اولدو دا ده کیمی سونرا گلیر ائدیر ائتدی منیم بیزیم سیز بیز اونون گون یاخشی آذربایجان تورک لر لار نین دن"),
}  # fmt: skip
_UYGHUR = "ڭۈۋ"

_ALIASES = {
    "arz": "ar", "ary": "ar", "sdh": "ckb", "ku": "ckb", "uzs": "az-Arab", "yue": "zh", "wuu": "zh", "nn": "no", "hbo": "he",
    "grc": "el", "zxx": "und",
}  # fmt: skip

LANGUAGES = {"lang": pl.String(), "script": pl.String(), "confidence": pl.Float64()}
"""Columns of the table of :func:`detect_language`."""


def detect_language(texts: pl.Series) -> pl.DataFrame:
    """Tell language and script of each text, with a confidence.

    Parameters
    ----------
    texts : String series, (n,)
        Display texts, nulls allowed. Pass each distinct text once: the model reads about 10,000 texts a second.

    Returns
    -------
    DataFrame, (n,)
        ``lang`` (BCP 47; ``und`` where the text is too short or speaks for nothing; null where the text is null),
        ``script`` (ISO 15924 of most letters; ``Zyyy`` without letters), ``confidence`` 0..1.

    Notes
    -----
    Rules tell fa, ar, ckb, ur, ps and az-Arab apart and every language that has a script of its own; py3langid (model
    inside the package, nothing is downloaded) the rest. Sorani and other Kurdish in the Arabic script are ``ckb``.

    Examples
    --------
    >>> detect_language(pl.Series(["کتابخانه از دوشنبه دوباره باز می‌شود", "ok"]))["lang"].to_list()
    ['fa', 'und']
    """
    parts = [_detect(part) for part in chunks(texts)]
    found = pl.concat(parts) if parts else pl.DataFrame(schema=LANGUAGES)
    return found.with_columns(lang=pl.when(texts.is_not_null()).then(pl.col("lang")))


def _detect(texts: pl.Series) -> pl.DataFrame:
    bare = strip_outside(texts.fill_null("")).str.slice(0, _READ_CHARS)
    scripts, n_letters = _scripts(bare)
    rows = pl.DataFrame({"text": bare, "script": scripts, "n": n_letters}).with_row_index("row_ix")
    alone = rows["script"].replace_strict(_ONE_LANGUAGE, default=None, return_dtype=pl.String)
    is_alone = alone.is_not_null() & (rows["n"] >= MIN_LETTERS_SCRIPT)
    is_long = (rows["n"] >= MIN_LETTERS) | ((rows["script"] == "Hani") & (2 * rows["n"] >= MIN_LETTERS))
    lang = pl.select(pl.when(is_alone).then(alone).otherwise(pl.lit("und"))).to_series()
    confidence = is_alone.cast(pl.Float64) * 0.95
    arabic = rows.filter(is_long & (scripts == "Arab"))
    ruled = _arabic_rules(arabic)
    sure = ruled.filter(pl.col("confidence") > 0)
    rest = pl.concat(
        [ruled.filter(pl.col("confidence") == 0).select("row_ix", "text"),
         rows.filter(is_long & ~is_alone & (scripts != "Arab") & (scripts != "Zyyy")).select("row_ix", "text")]
    )  # fmt: skip
    modelled = _model(rest)
    for part in (sure, modelled):
        lang = lang.scatter(part["row_ix"], part["lang"])
        confidence = confidence.scatter(part["row_ix"], part["confidence"])
    return pl.DataFrame({"lang": lang, "script": scripts, "confidence": confidence})


@lru_cache(maxsize=1)
def _script_table() -> U1:
    table = np.zeros(N_TABLE, np.uint8)
    for ix, spans in enumerate(_SCRIPTS.values(), start=1):
        for low, high in spans:
            table[low : high + 1] = ix
    for code in (0xD7, 0xF7, 0xAA, 0xBA):
        table[code] = 0
    return table


def _scripts(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return the script of most letters of each text and how many letters it has in it."""
    data, offsets = to_bytes(texts)
    counts = count_scripts(data, offsets, _script_table(), len(_SCRIPTS) + 1)
    names = np.array(["Zyyy", *_SCRIPTS])
    kana, hani = 1 + list(_SCRIPTS).index("Jpan"), 1 + list(_SCRIPTS).index("Hani")
    # Japanese mixes ideographs with kana: a tenth of kana is enough
    is_japanese = counts[:, kana] * 10 > counts[:, hani]
    counts[is_japanese, kana] += counts[is_japanese, hani] * (counts[is_japanese, kana] > 0)
    counts[:, 0] = 0
    best = counts.argmax(axis=1)
    return pl.Series(names[best], dtype=pl.String), pl.Series(counts[np.arange(len(best)), best])


def _arabic_rules(rows: pl.DataFrame) -> pl.DataFrame:
    """Add lang and confidence; confidence 0 where the rules do not settle it."""
    words = (
        pl.lit("  ")
        + pl.col("text").str.replace_all(r"[^\p{L}\p{M}\u200c]+", "  ").str.replace_all("\u200c", "")
        + pl.lit("  ")
    )
    # Arabic yeh and kaf are typed in Persian too: both spellings of a word count
    scored = rows.with_columns(words=words, plain=words.str.replace_many(["ي", "ك", "ى"], ["ی", "ک", "ی"]))
    scores = [
        (
            pl.col("text").str.count_matches(f"[{letters}]") * weight
            + pl.col("words" if lang == "ar" else "plain").str.count_matches(f" (?:{'|'.join(known.split())}) ") * 3.0
            + (pl.col("words").str.count_matches(" و?ال") * 1.5 if lang == "ar" else 0.0)
        ).alias(lang)
        for lang, (letters, weight, known) in _ARABIC.items()
    ]
    scored = scored.with_columns(scores)
    names = list(_ARABIC)
    matrix = scored.select(names).to_numpy()
    order = np.sort(matrix, axis=1) if len(matrix) else np.zeros((0, 2))
    first, second = order[:, -1], order[:, -2]
    is_uyghur = scored["text"].str.count_matches(f"[{_UYGHUR}]").to_numpy() * 1.5 > first / 2
    share = np.where(first > 0, first / (first + second + 1.0), 0.0)
    confidence = np.where((first >= 3) & (share >= 0.55) & ~is_uyghur, share, 0.0)
    best = np.array(names)[matrix.argmax(axis=1)] if len(matrix) else np.array([], dtype=str)
    return rows.select("row_ix", "text").with_columns(
        lang=pl.Series(best, dtype=pl.String), confidence=pl.Series(confidence, dtype=pl.Float64)
    )


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _model(rows: pl.DataFrame) -> pl.DataFrame:
    unique = rows["text"].unique(maintain_order=True)
    guesses = [_identifier().classify(text) for text in unique.to_list()]
    table = pl.DataFrame(
        {
            "text": unique,
            "lang": [_ALIASES.get(lang, lang) if share >= MIN_CONFIDENCE else "und" for lang, share in guesses],
            "confidence": [float(share) for _, share in guesses],
        },
        schema={"text": pl.String, "lang": pl.String, "confidence": pl.Float64},
    )
    return rows.join(table, on="text", how="left", maintain_order="left")
