"""What the review suggests to change: each proposal names the figures that speak for it, and a member decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from dideban.room.alerts.models import Alert, Rule, RuleKind
from dideban.room.findings.models import FollowedGroup, Verdict, VerdictKind
from dideban.room.responses.models import EffectRun
from dideban.room.review.figures import votes_of
from dideban.room.review.guards import unhurried
from dideban.room.review.keep import propose
from dideban.room.review.models import Miss, MissReason, ProposalKind, SettingProposal
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source, SourceGap
from dideban.stats.shares import exact_interval

DAYS = 90
FEWEST = 10
"""Judged alerts, or alerts that led to nothing, before a rule is worth changing."""
GAP_SHARE = 0.1
"""A source that was away for a larger share of a month is worth a look."""
MONTH = timedelta(days=30)
MOST_DAYS = 60
"""Longest horizon that is proposed."""


def look_for_proposals(room: Room, *, now: datetime | None = None) -> list[SettingProposal]:
    """Work out what the figures speak for, and keep it."""
    now = now or timezone.now()
    found = [
        *_rules(room, now - timedelta(days=DAYS)), *_horizon(room, now - timedelta(days=DAYS)),
        *_sources(room, now), *_owners(room, now - timedelta(days=DAYS)),
    ]  # fmt: skip
    return propose(room, found)


def _proposal(
    kind: ProposalKind, key: str, *, figures: Mapping[str, Any], setting: str = "", before: float | None = None,
    after: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "kind": str(kind), "key": key, "setting": setting, "before": before, "after": after, "figures": dict(figures)
    }  # fmt: skip


def _votes(verdicts: QuerySet[Verdict]) -> dict[int, str]:
    """Return what members make of each group, without verdicts given in a rush. One query."""
    given = verdicts.order_by("at", "pk").values_list("group_id", "member_id", "kind", "at")
    return votes_of(unhurried(given)[0])


def _rules(room: Room, since: datetime) -> Iterable[dict[str, Any]]:
    """Propose more accounts where the smallest groups were mostly false alarms; more posts where bursts led nowhere."""
    votes = _votes(Verdict.objects.filter(group__room=room))
    for rule in Rule.objects.filter(room=room, is_paused=False).order_by("pk"):
        told = Alert.objects.filter(rule=rule, at__gte=since)
        if rule.kind == RuleKind.NEW_FINDING:
            least = float(rule.params.get("min_accounts", 3))
            small = told.filter(group__current__n_accounts__lte=least + 1).values_list("group_id", flat=True)
            judged = [
                votes[pk] for pk in sorted({pk for pk in small if pk in votes}) if votes[pk] != VerdictKind.UNSURE
            ]
            wrong = judged.count(VerdictKind.FALSE_ALARM)
            if len(judged) >= FEWEST and exact_interval(wrong, len(judged))[0] > 0.5:
                yield _proposal(
                    ProposalKind.RULE, f"rule:{rule.pk}", setting="min_accounts", before=least, after=least + 2,
                    figures={"wrong": wrong, "judged": len(judged)},
                )  # fmt: skip
        elif rule.kind == RuleKind.NARRATIVE_BURST:
            stories = set(told.exclude(narrative=None).values_list("narrative_id", flat=True))
            led = told.exclude(narrative__cases=None).values_list("narrative_id", flat=True).distinct().count()
            if len(stories) >= 2 * FEWEST and led == 0:
                least = float(rule.params.get("min_posts", 20))
                yield _proposal(
                    ProposalKind.RULE, f"rule:{rule.pk}", setting="min_posts", before=least, after=2 * least,
                    figures={"n": len(stories), "cases": led},
                )  # fmt: skip


def _horizon(room: Room, since: datetime) -> Iterable[dict[str, Any]]:
    """Propose a longer horizon where slow campaigns were missed, or responses lacked the days before them."""
    slow = Miss.objects.filter(room=room, withdrawn_at=None, why=MissReason.TOO_SLOW, noted_at__gte=since).count()
    codes = Counter(
        reason["code"]
        for reasons in EffectRun.objects.filter(response__room=room, at__gte=since).values_list("reasons", flat=True)
        for reason in reasons
    )
    before, days = codes["effect.before-data"], room.horizon_days
    if slow + before >= 3 and days < MOST_DAYS:
        yield _proposal(
            ProposalKind.HORIZON, "horizon", setting="horizon_days", before=days, after=min(2 * days, MOST_DAYS),
            figures={"slow": slow, "before_data": before},
        )  # fmt: skip


def _sources(room: Room, now: datetime) -> Iterable[dict[str, Any]]:
    """Name sources that were away for much of a month, and ask for new ones where misses were not followed."""
    since = now - MONTH
    for source in Source.objects.filter(room=room, is_paused=False).order_by("slug"):
        gaps = SourceGap.objects.filter(source=source, from_at__lt=now).exclude(until_at__lt=since)
        away = sum(
            (
                (min(end or now, now) - max(begin, since)).total_seconds()
                for begin, end in gaps.values_list("from_at", "until_at")
            ),
            0.0,
        )
        share = away / (now - max(since, source.created_at)).total_seconds() if now > source.created_at else 0.0
        if share > GAP_SHARE:
            yield _proposal(ProposalKind.SOURCE, f"source:{source.slug}", figures={"share": round(min(1.0, share), 3)})
    missed = Miss.objects.filter(room=room, withdrawn_at=None, why=MissReason.NOT_FOLLOWED, noted_at__gte=since).count()
    if missed >= 2:
        yield _proposal(ProposalKind.SOURCE, "source:", figures={"n": missed})


def _owners(room: Room, since: datetime) -> Iterable[dict[str, Any]]:
    """Ask for owners to be declared where members say of a finding that it is a declared network."""
    found = FollowedGroup.objects.filter(
        room=room, past_run=None, first_found_at__gte=since, current__label="unexplained"
    )
    votes = _votes(Verdict.objects.filter(group__in=found))
    for pk, number in found.order_by("number").values_list("pk", "number"):
        if votes.get(pk) == VerdictKind.DECLARED:
            n = Verdict.objects.filter(group=pk, kind=VerdictKind.DECLARED).values("member").distinct().count()
            yield _proposal(ProposalKind.OWNERS, f"owners:{number}", figures={"members": n})
