"""What members do with posts; the posts themselves lie in the Delta table."""

from __future__ import annotations

from django.db import models


class SavedSearch(models.Model):
    """A search kept by name; an alert rule may watch it."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="searches")
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=120)
    query = models.JSONField(default=dict)
    """As posts.search.Query.to_dict."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]


class Comparison(models.Model):
    """Several searches over time, kept by name."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="comparisons")
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=120)
    asked = models.JSONField(default=dict)
    """``q``: texts as written into the search box; ``by``; ``since`` and ``until`` where given."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]


class Reveal(models.Model):
    """A request to see the original id behind a pseudonym: asked by one member, agreed to by another, for a while."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="reveals")
    account_id = models.CharField(max_length=40)
    """The pseudonym."""
    reason = models.TextField()
    case = models.ForeignKey("cases.Case", null=True, blank=True, on_delete=models.SET_NULL, related_name="reveals")
    asked_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    is_agreed = models.BooleanField(null=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]


class Erasure(models.Model):
    """A person's posts deleted on request. The audit trail keeps that it happened, never what was deleted."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="erasures")
    account_id = models.CharField(max_length=40)
    """The pseudonym: it alone stays, so that the posts do not come back."""
    reason = models.TextField()
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    n_tries = models.PositiveIntegerField(default=0)
    trouble = models.JSONField(default=dict, blank=True)
    """Why the last try did not finish: a message as data; empty where it did."""
    n_files = models.PositiveIntegerField(default=0)
    """Files that were searched afterwards, in which nothing of the person was left."""
    n_posts = models.PositiveIntegerField(default=0)
    n_findings = models.PositiveIntegerField(default=0)
    """Finding packages from which the posts were taken out."""
