"""Findings of the engine as the room stores them, with verdicts and comments of members."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class VerdictKind(StrEnum):
    """What a member says about a followed group."""

    CONFIRMED = "confirmed"
    DECLARED = "declared"
    FALSE_ALARM = "false-alarm"
    UNSURE = "unsure"


class FollowedGroup(models.Model):
    """A group of accounts followed over time: each tick that sees it change adds a finding."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="followed_groups")
    number = models.PositiveIntegerField()
    """1, 2, 3 ... within the room: what people say to each other."""
    group_id = models.CharField(max_length=17, default="")
    """Id that the engine keeps for the group over time (dideban.groups.follow)."""
    members = models.JSONField(default=dict)
    """Account to [evidence, is it of the core], as last seen."""
    first_seen_at = models.DateTimeField(null=True, blank=True)
    """When a member first opened its page; null = not yet, or before this was noted."""
    first_period = models.PositiveIntegerField(default=0)
    last_period = models.PositiveIntegerField(default=0)
    """Analyses (Tick.period_ix) in which it was first and last seen."""
    current = models.OneToOneField(
        "findings.KeptFinding", null=True, blank=True, on_delete=models.SET_NULL, related_name="current_of"
    )
    first_found_at = models.DateTimeField()
    last_found_at = models.DateTimeField()
    """Last tick that still saw the group."""
    grew_at = models.DateTimeField(null=True, blank=True)
    """Last time it had more accounts or posts than before."""
    is_active = models.BooleanField(default=True)
    """Seen by the latest tick."""
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    verdict = models.CharField(max_length=12, blank=True)
    """Latest verdict, for filters."""
    second_at = models.DateTimeField(null=True, blank=True)
    """When a second member confirmed it too; null = one at most did."""
    assigned_to = models.ForeignKey(
        "members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    """Who is asked for the next verdict."""
    n_comments = models.PositiveIntegerField(default=0)
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="followed_groups")
    past_run = models.ForeignKey("past.PastRun", null=True, blank=True, on_delete=models.CASCADE, related_name="groups")
    """The run over a past period that found it; null = the watch did. Such a group is never followed further."""

    class Meta:
        ordering = ["-last_found_at", "-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_group_per_number")]
        indexes = [models.Index(fields=["room", "-last_found_at"])]


class GroupMatch(models.Model):
    """What a group of a run over a past period has in common with another, as compared when the run was done."""

    group = models.ForeignKey(FollowedGroup, on_delete=models.CASCADE, related_name="matches")
    other = models.ForeignKey(FollowedGroup, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8)
    """``same``, ``grown``, ``smaller``, ``others``, ``objects``: see findings.past."""
    n_accounts = models.PositiveIntegerField()
    n_objects = models.PositiveIntegerField()

    class Meta:
        ordering = ["group", "-n_accounts", "-n_objects", "other"]


class GroupEvent(models.Model):
    """What happened to a group between two analyses: born, grew, shrank, returned, split, merged, ended."""

    group = models.ForeignKey(FollowedGroup, on_delete=models.CASCADE, related_name="events")
    period_ix = models.PositiveIntegerField()
    at = models.DateTimeField()
    event = models.CharField(max_length=12)
    others = models.ManyToManyField(FollowedGroup, blank=True, related_name="+")
    """Groups it came from or went into."""
    overlap = models.FloatField(null=True, blank=True)
    n_before = models.PositiveIntegerField()
    n_after = models.PositiveIntegerField()
    n_stayed = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at", "-pk"]


class KeptFinding(models.Model):
    """One claim. ``finding_id`` is the hash of what is claimed, ``document`` is ``Finding.to_dict`` as of late."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="findings")
    group = models.ForeignKey(FollowedGroup, on_delete=models.CASCADE, related_name="findings")
    finding_id = models.CharField(max_length=20)
    found_at = models.DateTimeField()
    """Tick that made it."""
    decided_at = models.DateTimeField(null=True, blank=True)
    """Arrival of the post after which it could first be claimed."""
    method = models.CharField(max_length=20)
    label = models.CharField(max_length=24)
    is_lead = models.BooleanField(default=False)
    error_rate = models.FloatField(null=True, blank=True)
    e_value = models.FloatField(null=True, blank=True)
    n_accounts = models.PositiveIntegerField()
    n_posts = models.PositiveIntegerField()
    n_objects = models.PositiveIntegerField()
    reach = models.BigIntegerField(null=True, blank=True)
    """Views or shares of its posts together, as far as sources say; null = none says."""
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    languages = models.JSONField(default=list)
    platforms = models.JSONField(default=list)
    sources = models.JSONField(default=list)
    """Slugs of the sources its posts came from."""
    document = models.JSONField()
    redacted_at = models.DateTimeField(null=True, blank=True)
    """When posts of a person were taken out of its package on request."""
    past_run = models.ForeignKey(
        "past.PastRun", null=True, blank=True, on_delete=models.CASCADE, related_name="findings"
    )
    """As of its group. The same claim has the same id, and one package, whoever found it."""

    class Meta:
        db_table = "findings_finding"  # as in the databases that exist
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["room", "finding_id"], condition=models.Q(past_run=None), name="one_finding_per_id"
            ),
            models.UniqueConstraint(fields=["past_run", "finding_id"], name="one_finding_per_id_and_run"),
        ]

    def __str__(self) -> str:
        return self.finding_id


class StandingVerdicts(models.Manager["Verdict"]):
    """Verdicts that count: those taken back do not."""

    def get_queryset(self) -> models.QuerySet[Verdict]:
        """Return what was not taken back."""
        return super().get_queryset().filter(withdrawn_at=None)


class Verdict(models.Model):
    """What a member said about a group, seeing one finding. The latest counts; none is ever changed.

    Notes
    -----
    One that its member took back stays, and counts for nothing: ``Verdict.everything`` has it too.
    """

    group = models.ForeignKey(FollowedGroup, on_delete=models.CASCADE, related_name="verdicts")
    finding = models.ForeignKey(KeptFinding, on_delete=models.CASCADE, related_name="verdicts")
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in VerdictKind])
    reason = models.TextField()
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = StandingVerdicts()
    everything = models.Manager["Verdict"]()

    class Meta:
        ordering = ["-at"]


class Comment(models.Model):
    """One contribution to the discussion of a group. Plain text."""

    group = models.ForeignKey(FollowedGroup, on_delete=models.CASCADE, related_name="comments")
    finding = models.ForeignKey(KeptFinding, null=True, on_delete=models.SET_NULL, related_name="+")
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
