"""What pages say to programs: schema.org in JSON-LD."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from dideban.report.safe import script_json
from dideban.site.address import address_of
from dideban.site.dates import stamp
from dideban.site.markdown import one_line
from dideban.site.records import PublishedItem, ReviewedClaim, SiteInfo

TYPES = {"bulletin": "NewsArticle", "lesson": "LearningResource", "exercise": "LearningResource", "story": "Article"}


def linked_data(item: PublishedItem, info: SiteInfo) -> Markup:
    """Return the JSON-LD of a page: the article, and a ClaimReview or MediaReview for each claim that has a rating."""
    address = address_of(info.base_url, f"{item.folder}/index.html")
    graph = [_article(item, info, address)]
    graph += [_review(claim, item, info, address, ix) for ix, claim in enumerate(item.claims) if claim.rating]
    return Markup(script_json({"@context": "https://schema.org", "@graph": graph}))  # noqa: S704 - escaped for a script


def _article(item: PublishedItem, info: SiteInfo, address: str) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@type": TYPES.get(item.kind, "WebPage"), "@id": address, "url": address, "headline": one_line(item.title),
        "inLanguage": item.lang, "datePublished": stamp(item.published_at), "dateModified": stamp(item.updated_at),
        "publisher": _publisher(info, item.lang), "author": _publisher(info, item.lang),
    }  # fmt: skip
    if item.summary:
        data["description"] = one_line(item.summary)
    if item.photos:
        data["image"] = [address_of(info.base_url, f"{item.folder}/{one.name}") for one in item.photos]
    if item.corrections:
        data["correction"] = [
            {"@type": "CorrectionComment", "text": one_line(one.why), "datePublished": stamp(one.at)}
            for one in item.corrections
        ]
    return data


def _review(claim: ReviewedClaim, item: PublishedItem, info: SiteInfo, address: str, ix: int) -> dict[str, Any]:
    common: dict[str, Any] = {
        "@id": f"{address}#claim-{ix + 1}", "url": address, "inLanguage": item.lang,
        "datePublished": stamp(item.published_at), "dateModified": stamp(item.updated_at),
        "author": _publisher(info, item.lang),
    }  # fmt: skip
    if claim.media_rating:
        return {
            "@type": "MediaReview", **common, "mediaAuthenticityCategory": f"https://schema.org/{claim.media_rating}",
            "originalMediaContextDescription": one_line(claim.rating),
            "itemReviewed": {"@type": "MediaObject", "description": one_line(claim.text)},
        }  # fmt: skip
    return {
        "@type": "ClaimReview", **common, "claimReviewed": one_line(claim.text),
        "reviewRating": {"@type": "Rating", "alternateName": one_line(claim.rating)},
        "itemReviewed": {"@type": "Claim", "description": one_line(claim.text)},
    }  # fmt: skip


def _publisher(info: SiteInfo, lang: str) -> dict[str, str]:
    found = {"@type": "Organization", "name": one_line(info.name(lang))}
    return found | ({"url": info.base_url} if info.base_url else {})
