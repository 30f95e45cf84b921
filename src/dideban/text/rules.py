"""The rules of the normal form, each with its source and the spellings that must meet; the manual and tests read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NormalRule:
    """One rule: what it does, where it comes from, an example that proves it."""

    name: str
    what: str
    source: str
    same: tuple[str, ...]
    """Texts that share one print."""
    other: tuple[str, ...] = ()
    """Texts that must not share it."""


RULES: tuple[NormalRule, ...] = (
    NormalRule(
        name="compatibility",
        what="compatibility forms become plain letters (NFKD, marks taken out after)",
        source="Unicode Standard Annex 15",
        same=("ﬁne paper", "fine paper", "ｆｉｎｅ ｐａｐｅｒ", "𝐟𝐢𝐧𝐞 𝐩𝐚𝐩𝐞𝐫", "🅵🅸🅽🅴 ᴘᴀᴘᴇʀ"),
        other=("fine pepper",),
    ),
    NormalRule(
        name="case",
        what="full case folding, dotless and dotted i as i",
        source="Unicode 3.13, CaseFolding.txt",
        same=("STRASSE IN IZMIR", "Straße in İzmir", "strasse in ızmir"),
    ),
    NormalRule(
        name="marks",
        what="optional marks out: accents, Arabic and Hebrew vowel signs, stacked marks; vowel signs of Indic scripts and Thai stay",
        source="Unicode general category Mn; UAX 44",
        same=("café", "cafe\u0301", "cafe", "c̶a̷̛͋f͝e̵"),
        other=("cave",),
    ),
    NormalRule(
        name="vowel-signs",
        what="Indic and Thai vowel signs are letters and stay",
        source="Unicode 12.1, 16.1",
        same=("กิน ข้าว", "กินข้าว"),
        other=("กน ขาว",),
    ),
    NormalRule(
        name="yeh",
        what="Arabic, Farsi, Kurdish, Pashto and Urdu yeh and alef maksura are one letter; yeh with hamza too",
        source="Unicode 9.2 (yeh); ISIRI 6219",
        same=(
            "علی مسئول خانه‌های قدیمی",
            "علي مسئول خانه‌هاي قديمي",
            "على مسیول خانه‌هاى قدیمی",
            "علێ مسئول خانه‌های قدیمۍ",
        ),
    ),
    NormalRule(
        name="kaf",
        what="Arabic kaf, keheh and swash kaf are one letter; Pashto gaf is gaf",
        source="Unicode 9.2; ISIRI 6219",
        same=("کتاب بزرگ", "كتاب بزرگ", "ڪتاب بزرګ"),
        other=("کتاب بزرک",),
    ),
    NormalRule(
        name="heh",
        what="heh, teh marbuta, ae, heh goal and heh doachashmee are one letter",
        source="Unicode 9.2; practice of Sorani and Urdu keyboards",
        same=("مدرسه", "مدرسة", "مدرسہ", "مدرسە", "مدرسۀ"),
    ),
    NormalRule(
        name="alef",
        what="alef with madda, hamza or wasla is alef",
        source="Unicode 9.2; Larkey, Ballesteros, Connell 2002 (light stemming, normalisation)",
        same=("آسمان", "اسمان", "أسمان", "إسمان", "ٱسمان"),
    ),
    NormalRule(
        name="hamza",
        what="hamza on the line leaves nothing, waw and yeh with hamza are plain",
        source="Larkey, Ballesteros, Connell 2002; Persian Academy spelling",
        same=("انشاء سوال", "انشا سؤال"),
    ),
    NormalRule(
        name="kurdish",
        what="Sorani vowels and trills as they are typed on keyboards that lack them",
        source="Unicode 9.2; KRG keyboard layout",
        same=("ڕۆژی گەڵا", "روژی گهلا"),
    ),
    NormalRule(
        name="urdu",
        what="noon ghunna is noon, bari yeh is yeh",
        source="Unicode 9.2 (Urdu)",
        same=("میں ہے", "مین هی"),
        other=("میڑ ہے",),
    ),
    NormalRule(
        name="pashto",
        what="letters of Pashto that other languages lack stay letters",
        source="Unicode 9.2 (Pashto)",
        same=("ښه ډېر", "ښه ډیر"),
        other=("سه دیر",),
    ),
    NormalRule(
        name="digits",
        what="digits of every script are ASCII; marks for thousands go, decimal marks stay",
        source="Unicode general category Nd; CLDR number symbols",
        same=("12,500 متر", "۱۲٬۵۰۰ متر", "١٢٥٠٠ متر", "12500 متر"),
        other=("12.5 متر", "125 00 متر"),
    ),
    NormalRule(
        name="tatweel",
        what="tatweel out",
        source="Unicode 9.2 (U+0640)",
        same=("ســـلام", "سلام"),
    ),
    NormalRule(
        name="joiners",
        what="ZWNJ, ZWJ, soft hyphens and directional controls out",
        source="Unicode 23.2; UAX 9",
        same=("می‌شود", "میشود", "می\u200dشود", "\u202bمی\u00adشود\u202c", "\u2067می‌شود\u2069"),
    ),
    NormalRule(
        name="lost-glued-split",
        what="the print leaves out spaces, so lost, glued and split words meet; a space between digits stays",
        source="Shamsfard, Jafari, Ilbeygi 2010 (Persian tokenisation)",
        same=("غیب پرور هم افزایی مجموعه ای", "غیب‌پرور هم‌افزایی مجموعه‌ای", "غیبپرور همافزایی مجموعهای"),
        other=("غیب پرو هم افزایی مجموعه ای",),
    ),
    NormalRule(
        name="digit-gap",
        what="a space between digits stays",
        source="own rule: 1 23 and 12 3 are different numbers",
        same=("page 1 23", "page  1  23"),
        other=("page 12 3", "page 123"),
    ),
    NormalRule(
        name="punctuation",
        what="punctuation and symbols are a space, apostrophes leave nothing",
        source="Unicode general categories P and S",
        same=("«don't» stop — now!", "dont stop now", "Don’t stop؛ now؟"),
    ),
    NormalRule(
        name="emoji",
        what="emoji, modifiers and flags are a space",
        source="Unicode Technical Standard 51",
        same=("well done 👍🏽🇮🇷❤️", "👩‍👩‍👧 well done", "well done"),
    ),
    NormalRule(
        name="lookalikes",
        what="inside a word that mixes Latin with Cyrillic or Greek, lookalikes become the letter of the main script",
        source="Unicode Technical Standard 39 (confusables)",
        same=("the pаrk opеns", "the park opens", "thе pαrk оpens"),
        other=("the perk opens",),
    ),
    NormalRule(
        name="lookalikes-cyrillic",
        what="the same for a Cyrillic word with Latin letters in it",
        source="Unicode Technical Standard 39 (confusables)",
        same=("пapк oткpыт", "парк открыт"),
    ),
    NormalRule(
        name="outside",
        what="links, bare hosts and @names out",
        source="methods of the field: the wording is the object, links are traces of their own",
        same=("see https://example.org/a?b=1 @ana", "see www.example.com/x", "see t.me/some/1 @ana.b", "see"),
    ),
    NormalRule(
        name="repost-prefix",
        what="the prefix of a manual repost out",
        source="Twitter practice since 2007: RT @name:",
        same=("RT @ana: the bridge is open", "MT @ana the bridge is open", "the bridge is open"),
        other=("art the bridge is open",),
    ),
    NormalRule(
        name="entities",
        what="HTML entities resolved, also where they were encoded twice or three times",
        source="HTML 5.2 section 8.5; platform exports",
        same=("bread &amp; butter", "bread &amp;amp; butter", "bread &amp;amp;amp; butter", "bread & butter"),
    ),
    NormalRule(
        name="hashtags",
        what="hashtags count as words, underscores as spaces",
        source="own rule: hashtag sequences are a trace of their own",
        same=("#clean_river now", "clean river now"),
    ),
    NormalRule(
        name="no-spaces",
        what="scripts without spaces need no special case: the print has none",
        source="UAX 29",
        same=("今天 图书馆，开放。", "今天图书馆开放"),
        other=("今天图书馆关闭",),
    ),
    NormalRule(
        name="hangul",
        what="composed and decomposed Hangul are one",
        source="Unicode Standard Annex 15",
        same=("한국어", "한국어"),
    ),
    NormalRule(
        name="controls",
        what="NUL and other controls are a space",
        source="Unicode general category Cc",
        same=("new\x00 bench\x07", "new bench"),
    ),
)
