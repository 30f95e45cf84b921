"""Made-up findings in English, Persian and Arabic for tests of the report. No text here was written by a real person."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from dideban.findings.model import BenignCheck, Finding, Leader, SharedObject, TraceEvidence
from dideban.schema import EDGES, POSTS, SHARES

START = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
TEXTS = {
    "en": "The new bridge opens on Monday and the old road will be closed for good, say the people of {}.",
    "fa": "پل تازه از دوشنبه باز می‌شود و جادهٔ قدیم برای همیشه بسته خواهد شد؛ مردم {} چنین می‌گویند.",
    "ar": "يُفتح الجسر الجديد يوم الاثنين ويُغلق الطريق القديم نهائيًا، كما يقول أهالي {}.",
}
PLACES = {
    "en": ["Northgate", "the harbour", "Millbrook", "Eastfield"],
    "fa": ["کوی شمالی", "بندر", "آسیاب", "دشت شرقی"],
    "ar": ["الحي الشمالي", "الميناء", "الطاحونة", "السهل الشرقي"],
}


@dataclass
class Material:
    """What render_report is given."""

    findings: list[Finding]
    run: dict[str, Any]
    posts: pl.DataFrame
    shares: pl.DataFrame
    edges: pl.DataFrame


def pseudonym(name: str) -> str:
    return "a_" + hashlib.sha256(name.encode()).hexdigest()[:16]


def make_finding(
    name: str,
    *,
    n_accounts: int = 14,
    n_operations: int = 31,
    kind: str = "link",
    lang: str = "en",
    lead: bool = False,
    label: str = "unexplained",
    method: str = "synchrony",
    jitter_s: float = 25.0,
    days: int = 40,
    others: int = 12,
) -> tuple[Finding, list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a finding, its posts and its shares (without the finding's id)."""
    chance = random.Random(name)
    accounts = [pseudonym(f"{name}-{ix}") for ix in range(n_accounts)]
    posts: list[dict[str, Any]] = []
    shares: list[dict[str, Any]] = []
    objects: list[SharedObject] = []

    def share(account: str, object_id: str, at: datetime, joint: bool, text: str) -> None:
        post_id = f"{name}-{len(posts)}"
        urls = [object_id] if kind == "link" else []
        posts.append(_post(post_id, account, at, text, lang, urls))
        shares.append(_share(account, kind, object_id, f"x/{post_id}", at, joint))

    for ix in range(n_operations):
        at = START + timedelta(seconds=chance.uniform(0, days * 86400))
        crew = chance.sample(accounts, max(2, min(n_accounts, round(n_accounts * chance.uniform(0.45, 1.0)))))
        object_id = _object(kind, name, ix, lang)
        times = sorted(at + timedelta(seconds=min(chance.expovariate(1 / jitter_s), 4 * jitter_s)) for _ in crew)
        for account, when in zip(crew, times, strict=True):
            share(account, object_id, when, True, TEXTS[lang].format(chance.choice(PLACES[lang])))
        objects.append(_shared(kind, object_id, lang, len(crew), times))
    for account in accounts:
        for _ in range(chance.randrange(others + 1)):
            at = START + timedelta(seconds=chance.uniform(0, days * 86400))
            share(account, f"https://example.org/other/{chance.randrange(999)}", at, False, "Good morning to all.")
    finding = Finding(
        method=method,
        method_version="1",
        config_digest="0123456789abcdef",
        lead=lead,
        label=label,  # type: ignore[arg-type]
        accounts=sorted(accounts),
        period=[min(o.first_at for o in objects), max(o.last_at for o in objects)],
        traces=_traces(kind, n_operations, len(posts), method),
        error_rate=0.05 if method == "synchrony" else None,
        e_value=4120.0 if method == "synchrony" else None,
        p_value=0.00005 if method == "synchrony" else None,
        chance_one_in=20000.0 if method == "synchrony" else None,
        n_objects=n_operations,
        objects=objects,
        leaders=_leaders(accounts, shares),
        burst={"n_bursts": float(n_operations), "median_span_s": 40.0, "median_accounts": n_accounts * 0.7},
        benign=[
            BenignCheck(
                check="same-owner", outcome="no-sign", detail="No shared owner is declared for these accounts."
            ),
            BenignCheck(check="feed-cross-posting", outcome="not-checkable", detail="The posts carry no client name."),
        ],
        techniques=[{"id": "T0049", "name": "Flood Information Space"}],
        statement=_statement(n_accounts, n_operations),
        posts=[f"x/{post['post_id']}" for post in posts[:9]],
    )
    return finding, posts, shares


def make_material(*, findings: list[tuple[Finding, list[Any], list[Any]]] | None = None, **run: Any) -> Material:
    """Return a whole run: by default a mix of sizes, kinds, languages and labels."""
    made = findings if findings is not None else mixed()
    posts = [post for _, some, _ in made for post in some]
    named = [(f.id, some) for f, _, some in made]
    shares = [{"finding_id": name, **share} for name, some in named for share in some]
    return Material(
        findings=[f for f, _, _ in made],
        run={**make_run(made), **run},
        posts=pl.DataFrame(posts, schema=POSTS.dtypes),
        shares=pl.DataFrame(shares, schema=SHARES.dtypes),
        edges=make_edges(made),
    )


def mixed() -> list[tuple[Finding, list[Any], list[Any]]]:
    return [
        make_finding("bridge", kind="link", lang="en"),
        make_finding("pol", kind="text", lang="fa", n_accounts=9, n_operations=18, jitter_s=6, label="declared"),
        make_finding("jisr", kind="text", lang="ar", n_accounts=6, n_operations=12, jitter_s=300),
        make_finding("crowd", kind="hashtags", lang="fa", n_accounts=80, n_operations=44, jitter_s=90),
        make_finding("three", n_accounts=3, n_operations=8, kind="repost", label="contradicts-declared"),
        make_finding("weak", n_accounts=5, n_operations=6, kind="media", lang="ar", lead=True),
    ]


def make_run(made: list[tuple[Finding, list[Any], list[Any]]]) -> dict[str, Any]:
    n_posts = sum(len(posts) for _, posts, _ in made)
    return {
        "version": "0.1.0",
        "method": "synchrony",
        "method_version": "1",
        "config_digest": "0123456789abcdef",
        "seed": 1,
        "fdr": 0.05,
        "keep_ids": False,
        "inputs": [
            {
                "name": "bridge-week.csv.gz",
                "sha256": "9f" * 32,
                "n_rows": n_posts + 12,
                "shape": "table",
                "mapping": {"account_id": "author", "created_at": "date"},
                "notes": [],
            }
        ],
        "counts": {"posts": n_posts * 31, "accounts": 6114, "rejects": 12, "duplicates": 3, "traces": {"link": 4021}},
        "period": ["2026-03-02T06:00:00Z", "2026-04-11T05:41:12Z"],
        "notes": [],
        "selfcheck": {
            "n_found": sum(not f.lead for f, _, _ in made),
            "n_leads": sum(f.lead for f, _, _ in made),
            "n_proposed": 213,
            "n_found_shuffled": 0,
            "n_shuffles": 1,
            "enough_data": True,
            "reason": None,
        },
    }


def make_edges(made: list[tuple[Finding, list[Any], list[Any]]]) -> pl.DataFrame:
    rows = []
    for finding, _, shares in made:
        together: dict[tuple[str, str], set[str]] = {}
        crews: dict[str, list[str]] = {}
        for share in shares:
            if share["is_joint"]:
                crews.setdefault(share["object_id"], []).append(share["account_id"])
        for object_id, crew in crews.items():
            for a in crew:
                for b in crew:
                    if a < b:
                        together.setdefault((a, b), set()).add(object_id)
        rows += [_edge(a, b, finding.traces[0].kind, len(n)) for (a, b), n in sorted(together.items()) if len(n) > 1]
    return pl.DataFrame(rows, schema=EDGES.dtypes)


def _edge(a: str, b: str, kind: str, weight: int) -> dict[str, Any]:
    return {
        "account_a": a, "account_b": b, "object_kind": kind, "window_s": 60.0, "weight": weight, "n_pairs": weight,
        "mean_delay_s": 9.0, "n_posts_a": weight, "n_posts_b": weight, "symmetry": 1.0, "is_strong": True,
    }  # fmt: skip


def _post(post_id: str, account: str, at: datetime, text: str | None, lang: str, urls: list[str]) -> dict[str, Any]:
    return {
        "post_id": post_id, "account_id": account, "platform": "x", "source": "bridge-week.csv.gz", "created_at": at,
        "text": text, "lang": lang, "urls": urls, "hashtags": [], "mentions": [], "media": [], "repost_of": None,
        "reply_to": None, "quote_of": None, "place": None, "reach": None,
    }  # fmt: skip


def _share(account: str, kind: str, object_id: str, post_id: str, at: datetime, joint: bool) -> dict[str, Any]:
    return {
        "account_id": account, "object_kind": kind, "object_id": object_id, "post_id": post_id, "created_at": at,
        "is_joint": joint,
    }  # fmt: skip


def _object(kind: str, name: str, ix: int, lang: str) -> str:
    if kind == "link":
        return f"https://news.example.org/{name}/{2026 + ix}/the-old-road-closes"
    if kind == "hashtags":
        return {"fa": "#پل_تازه #جاده #دوشنبه", "ar": "#الجسر #الطريق", "en": "#bridge #road #monday"}[lang] + f" #{ix}"
    return f"{kind}-{name}-{ix}"


def _shared(kind: str, object_id: str, lang: str, n: int, times: list[datetime]) -> SharedObject:
    before, _, after = TEXTS[lang].partition("{}")
    template = [{"text": before}, {"slot": PLACES[lang]}, {"text": after}] if kind == "text" else None
    label = TEXTS[lang].format(PLACES[lang][0]) if kind == "text" else object_id
    return SharedObject(
        kind=kind, id=object_id, label=label, n_accounts=n, n_posts=n, first_at=_iso(times[0]), last_at=_iso(times[-1]),
        template=template,
    )  # fmt: skip


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _traces(kind: str, n: int, n_posts: int, method: str) -> list[TraceEvidence]:
    proved = method == "synchrony"
    return [
        TraceEvidence(
            kind=kind, scale_s=scale, n_objects=n, n_posts=n_posts, n_pairs=n * factor,
            expected_pairs=1.7 * factor if proved else None, p_value=0.00005 if proved else None,
            e_value=900.0 * factor if proved else None,
        )
        for scale, factor in ((10.0, 2), (60.0, 9), (600.0, 14))
    ]  # fmt: skip


def _leaders(accounts: list[str], shares: list[dict[str, Any]]) -> list[Leader]:
    first: dict[str, datetime] = {}
    for share in shares:
        if share["is_joint"]:
            first[share["object_id"]] = min(first.get(share["object_id"], share["created_at"]), share["created_at"])
    lags: dict[str, list[float]] = {}
    for share in shares:
        if share["is_joint"]:
            lags.setdefault(share["account_id"], []).append(
                (share["created_at"] - first[share["object_id"]]).total_seconds()
            )
    return [
        Leader(
            account_id=account,
            n_objects=len(own),
            median_lag_s=round(sorted(own)[len(own) // 2], 3),
            n_first=sum(lag == 0 for lag in own),
        )
        for account, own in sorted(lags.items())
    ]


def _statement(n_accounts: int, n_objects: int) -> dict[str, str]:
    return {
        "en": f"These {n_accounts} accounts shared {n_objects} of the same things within 60 seconds of each other. Among "
        "others who shared them in the same hours, this closeness would come about by chance less than once in 20,000 "
        "tries. About 1 finding in 20 of this list is expected to be wrong.",
        "fa": f"این {n_accounts} حساب {n_objects} مورد یکسان را در فاصلهٔ ۶۰ ثانیه از یکدیگر پخش کرده‌اند. میان دیگرانی که در "
        "همان ساعت‌ها آن‌ها را پخش کرده‌اند، چنین نزدیکی‌ای بر اثر تصادف کمتر از یک بار در ۲۰٬۰۰۰ آزمایش پیش می‌آید. انتظار "
        "می‌رود از هر ۲۰ یافتهٔ این فهرست حدود یکی نادرست باشد.",
        "ar": f"شاركت هذه الحسابات الـ{n_accounts} عدد {n_objects} من المواد نفسها في غضون ٦٠ ثانية بعضها من بعض. ومن بين الآخرين "
        "الذين شاركوها في الساعات نفسها، لا يحدث هذا التقارب بالمصادفة إلا أقل من مرة في ٢٠٬٠٠٠ محاولة. ويُتوقع أن تكون نتيجة "
        "واحدة من كل ٢٠ في هذه القائمة خاطئة.",
    }
