"""What a reader is asked to call, join, buy or pay: how each is recognised in a text, and its one spelling.

Patterns run in Polars (linear in the text) and, where texts are shown, in Python; every repetition is bounded, so that
no text is slow. What a pattern offers is read strictly afterwards: a missed contact hides one co-share, a wrong one
invents it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from dideban.traces.domains import registrable_domain
from dideban.traces.wallets import PATTERN as WALLET
from dideban.traces.wallets import read_wallet

PRIVATE = frozenset({"phone", "email"})
"""Families that may belong to a private person: named by a digest, shown in full only where a group pushes them."""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One contact as read: contacts are the same when family and key are."""

    family: str
    """``cashtag``, ``pair``, ``phone``, ``wallet``, ``invite`` or ``email``."""
    key: str
    """The one spelling."""

    @property
    def object_id(self) -> str:
        """How the object is named: a private contact by a digest, so that no table of ids lists numbers of people."""
        name = hashlib.sha256(f"{self.family}:{self.key}".encode()).hexdigest()[:16] if self.is_private else self.key
        return f"{self.family}:{name}"

    @property
    def is_private(self) -> bool:
        """Whether it may belong to a private person."""
        return self.family in PRIVATE

    @property
    def label(self) -> str:
        """What a person is shown where the contact may be shown in full."""
        return f"{'$' if self.family == 'cashtag' else '…' if self.family == 'phone' else ''}{self.key}"


@dataclass(frozen=True, kw_only=True)
class ContactForm:
    """One way to write contacts: what may be one, and what reads it strictly."""

    pattern: str
    read: Callable[[str], list[Contact]]
    may_be_private: bool = False


_MONEY = "USD EUR GBP CAD AUD NZD HKD SGD CHF JPY CNY INR RUB TRY IRR AED SAR US U S"
"""``$USD`` says which dollars, not what to buy."""
_QUOTES = "USDT USDC BUSD FDUSD TUSD DAI USD BTC XBT ETH BNB SOL TRX EUR GBP JPY TRY IRT TMN RUB"
_STABLE = ("FDUSD", "USDT", "USDC", "BUSD", "TUSD")
"""Quotes that are told from the coin without a sign between them."""

_CASHTAG = r"(?:^|[^A-Za-z0-9_$.])\$[A-Za-z][A-Za-z0-9]{0,9}(?:[._][A-Za-z]{1,2})?(?-u:\b)"
_PAIR = (
    rf"(?-u:\b)[A-Z0-9]{{2,10}}(?: ?/ ?|[_\-])(?:{_QUOTES.replace(' ', '|')})(?-u:\b)"
    rf"|(?-u:\b)[A-Z0-9]{{2,10}}(?:{'|'.join(_STABLE)})(?:\.P)?(?-u:\b)"
)
_EMAIL = (
    r"(?:^|[^A-Za-z0-9._%+\-/@])[A-Za-z0-9._%+\-]{1,64}"
    r"(?:@| ?[\[({] ?(?:at|AT|@) ?[\])}] ?)[A-Za-z0-9\-]{1,63}"
    r"(?:(?:\.| ?[\[({] ?(?:dot|DOT|\.) ?[\])}] ?)[A-Za-z0-9\-]{1,63}){1,5}"
)
_CUES = (
    r"(?:[Ww]hats ?[Aa]pp|واتس ?[اآ]پ|واتساب|[Tt]el|[Pp]hone|[Cc]all|تماس|تلفن|شماره|هاتف|جوال|للتواصل|☎|📞|📱)\W{0,3}"
)
_PHONE = rf"(?:{_CUES}|ISBN\W{{0,3}}|[^\s]?)[+(]{{0,2}}[0-9][0-9 ().\-/\u00a0]{{6,40}}[0-9][^\s]?"
PHONE_LINK = (
    r"(?-u:\b)(?:(?i:wa\.me/|t\.me/|tel:|whatsapp\.com/send/?\?(?:[^\s&]{0,100}&){0,5}phone=))"
    r"(?:\+|%2[Bb])?[0-9][0-9\-]{6,18}[0-9](?-u:\b)"
)
"""A number behind an address of a messenger: a contact, and no page."""
_INVITE = (
    r"(?-u:\b)(?i:(?:t|telegram)\.(?:me|dog)/(?:\+|%2b|joinchat/)[a-z0-9_\-]{10,40}"
    r"|tg:/{0,2}join\?invite=[a-z0-9_\-]{10,40}"
    r"|chat\.whatsapp\.com/(?:invite/)?[a-z0-9]{18,30}"
    r"|whatsapp\.com/channel/[a-z0-9]{18,30}"
    r"|discord(?:\.gg|(?:app)?\.com/invite)/[a-z0-9\-]{2,32}"
    r"|signal\.group/#[a-z0-9_\-]{20,120}"
    r"|(?:web\.)?rubika\.ir/joing/[a-z0-9]{10,60}"
    r"|(?:eitaa\.com/joinchat|ble\.ir/join|splus\.ir/join(?:group|channel)?)/[a-z0-9_\-]{6,60})"
)
_COUNTRIES = """
    1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86
    90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234 235 236 237
    238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266
    267 268 269 290 291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 378 380
    381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 590 591 592 593 594 595 596 597
    598 599 670 672 673 674 675 676 677 678 679 680 681 682 683 685 686 687 688 689 690 691 692 800 850 852 853 855
    856 870 880 881 882 883 886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 992 993
    994 995 996 998
    """
"""Country calling codes (ITU-T E.164)."""
_COUNTRY_CODES = frozenset(_COUNTRIES.split())
_SAME_DIGITS = 9
"""Two spellings of a number agree in so many last digits, whatever stands for the country or the trunk."""
_DATE = re.compile(r"^[0-9]{1,4}[./\-][0-9]{1,2}[./\-][0-9]{1,4}(?![0-9])")
_NEXT_NUMBER = re.compile(r"[\s/]+(?=\+|00[1-9]|\(?0[1-9])")


def read_cashtag(found: str) -> list[Contact]:
    """Read ``$NXS`` or ``$nxs``: three letters at least where they are small, and no name of money."""
    name = found.rpartition("$")[2]
    if name.upper() in _MONEY.split() or (name != name.upper() and not 3 <= len(name) <= 6):
        return []
    return [Contact(family="cashtag", key=name.upper())]


def read_pair(found: str) -> list[Contact]:
    """Read ``NXS/BTC``, ``NXS-BTC``, ``NXS_BTC`` or ``NXSUSDT``."""
    plain = found.removesuffix(".P").replace(" ", "")
    parts = re.split(r"[/_\-]", plain)
    if len(parts) == 1:
        quote = next(name for name in _STABLE if plain.endswith(name))
        parts = [plain[: -len(quote)], quote]
    base, quote = parts
    is_coin = len(base) >= 2 and base != quote and any(letter.isalpha() for letter in base)
    return [Contact(family="pair", key=f"{base}/{quote}")] if is_coin else []


def read_email(found: str) -> list[Contact]:
    """Read an e-mail address, also one written with ``[at]`` and ``(dot)``; spellings of one mailbox are one."""
    plain = re.sub(r" ?[\[({] ?(?:at|@) ?[\])}] ?", "@", found.lower())
    plain = re.sub(r" ?[\[({] ?(?:dot|\.) ?[\])}] ?", ".", plain)
    local, _, domain = plain.lstrip(" \t\r\n").rpartition("@")
    local, domain = re.sub(r"^[^a-z0-9_%+]+", "", local).strip("."), domain.strip(".-")
    if not local or not registrable_domain(domain):
        return []
    domain = {"googlemail.com": "gmail.com"}.get(domain, domain)
    box = local.partition("+")[0] or local
    return [Contact(family="email", key=f"{box.replace('.', '') if domain == 'gmail.com' else box}@{domain}")]


def read_phone(found: str) -> list[Contact]:
    """Read every telephone number of a run of digits and signs: international, with a trunk zero, or behind a cue.

    A price, a date, a card, an order or a long count of anything is none: what stands right before or behind the
    digits, how many there are and how they are grouped decide.
    """
    match = re.search(r"[+(]{0,2}[0-9].*[0-9]", found, re.DOTALL)
    if match is None:
        return []
    before, run, after = found[: match.start()], match.group(), found[match.end() :]
    if before.startswith("ISBN"):
        return []
    is_cued = len(before.strip()) > 1 or before.strip() in set("☎📞📱")
    if (not is_cued and re.search(r"[\w,.=@#$€£%/&*\-]$", before)) or re.match(r"[\w:%€$£]", after):
        return []
    return _numbers(run, is_cued=is_cued)


def _numbers(run: str, *, is_cued: bool) -> list[Contact]:
    """Cut a run where a number may begin, and take the longest pieces that are numbers."""
    gaps = [match.span() for match in _NEXT_NUMBER.finditer(run)]
    starts, ends = [0, *(end for _, end in gaps)], [*(start for start, _ in gaps), len(run)]
    found, at = [], 0
    while at < len(starts):
        tried = (
            (stop, _number(run[starts[at] : ends[stop]], is_cued=is_cued)) for stop in range(len(ends) - 1, at - 1, -1)
        )
        stop, one = next(((stop, one) for stop, one in tried if one), (at, None))
        found += [one] if one else []
        at = stop + 1
    return found


def read_phone_link(found: str) -> list[Contact]:
    """Read the number in ``wa.me/...``, ``tel:...``, ``t.me/+...`` or ``phone=...``."""
    digits = re.sub(r"[^0-9]", "", re.split(r"(?i)\.me/|tel:|phone=|%2b", found)[-1])
    if found[:5].lower() == "t.me/" and not re.search(r"(?:\+|%2[Bb])", found):
        return []
    one = _number("+" + digits, is_cued=False) or _number(digits, is_cued=True)
    return [one] if one else []


def _number(run: str, *, is_cued: bool) -> Contact | None:
    digits = re.sub(r"[^0-9]", "", run.replace("(0)", ""))
    is_international = run.lstrip("(").startswith("+") or re.match(r"\(?00[1-9]", run)
    international = re.sub(r"^00", "", digits) if is_international else ""
    if len(set(digits)) < 3 or _DATE.match(run.strip("( ")) or run.count(".") > 4:
        return None
    if international:
        has_country = any(international[:n] in _COUNTRY_CODES for n in (1, 2, 3))
        holds = has_country and 8 <= len(international) <= 15
    elif digits.startswith("0"):
        groups = re.findall(r"[0-9]+", run)
        holds = 10 <= len(digits) <= 11 and digits[1] != "0" and all(len(group) > 1 for group in groups)
    else:
        holds = is_cued and 9 <= len(digits) <= 15
    return Contact(family="phone", key=digits[-_SAME_DIGITS:]) if holds else None


def read_invite(found: str) -> list[Contact]:
    """Read an invitation to a closed chat; the code keeps its case."""
    plain = re.sub(r"(?i)%2b", "+", found)
    service, code = _service(plain), re.split(r"[/=#+]", plain)[-1]
    if service == "telegram" and re.fullmatch(r"[0-9]+", code):
        return []  # a telephone number
    return [Contact(family="invite", key=_INVITES.get(service, service + "/{}").format(code))]


_SERVICES = {
    "t.me": "telegram", "telegram": "telegram", "tg:": "telegram", "chat.whatsapp": "whatsapp",
    "whatsapp": "whatsapp-channel", "discord": "discord", "signal": "signal", "rubika": "rubika",
    "web.rubika": "rubika",
    "eitaa": "eitaa", "ble.ir": "bale", "splus": "splus",
}  # fmt: skip
_INVITES = {
    "telegram": "t.me/+{}", "whatsapp": "chat.whatsapp.com/{}", "whatsapp-channel": "whatsapp.com/channel/{}",
    "discord": "discord.gg/{}", "signal": "signal.group/#{}", "rubika": "rubika.ir/joing/{}",
    "eitaa": "eitaa.com/joinchat/{}", "bale": "ble.ir/join/{}", "splus": "splus.ir/join/{}",
}  # fmt: skip


def _service(plain: str) -> str:
    low = plain.lower()
    return next(service for start, service in _SERVICES.items() if low.startswith(start))


def read_wallet_contact(found: str) -> list[Contact]:
    """Read a wallet address whose checksum holds."""
    wallet = read_wallet(found)
    return [Contact(family="wallet", key=":".join(wallet))] if wallet else []


FAMILIES = (
    ContactForm(pattern=_CASHTAG, read=read_cashtag),
    ContactForm(pattern=_PAIR, read=read_pair),
    ContactForm(pattern=_EMAIL, read=read_email, may_be_private=True),
    ContactForm(pattern=_PHONE, read=read_phone, may_be_private=True),
    ContactForm(pattern=PHONE_LINK, read=read_phone_link, may_be_private=True),
    ContactForm(pattern=_INVITE, read=read_invite),
    ContactForm(pattern=WALLET, read=read_wallet_contact),
)
