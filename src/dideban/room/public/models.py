"""What the room publishes, who agreed to it, and what readers say of it."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Any

from django.db import models

from dideban.site.records import KINDS

LANGUAGE = 8
"""Characters of a language tag."""


class PageState(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ConsentMethod(StrEnum):
    """How somebody agreed."""

    SIGNED = "signed"
    RECORDED = "recorded"
    WITNESSED = "witnessed"


class ConsentScope(StrEnum):
    """What somebody agreed to."""

    WEB = "web"
    PRINT = "print"
    SOCIAL = "social"
    PHOTO = "photo"


class LetterKind(StrEnum):
    """Why a reader writes."""

    COMPLAINT = "complaint"
    PROPOSAL = "proposal"


class PublicSite(models.Model):
    """The public site of a room: whether there is one, and what stands around its pages."""

    room = models.OneToOneField("rooms.Room", on_delete=models.CASCADE, related_name="public_site")
    is_on = models.BooleanField(default=False)
    """Off: the room serves no site, and nothing is built."""
    base_url = models.CharField(max_length=200, blank=True)
    """Where the site stands for readers; empty = where the room serves it."""
    names = models.JSONField(default=dict, blank=True)
    taglines = models.JSONField(default=dict, blank=True)
    email = models.EmailField(blank=True)
    network = models.CharField(max_length=200, blank=True)
    theme = models.JSONField(default=dict, blank=True)
    has_newsletter = models.BooleanField(default=False)
    """Readers may have bulletins and lessons sent; needs a mail server."""
    fingerprint = models.CharField(max_length=64, blank=True)
    """Of what the last build was made from."""
    digest = models.CharField(max_length=64, blank=True)
    """Of the manifest of the last build."""
    built_at = models.DateTimeField(null=True, blank=True)
    n_files = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=500, blank=True)
    """Why the last build did not end; empty = it did."""


class Page(models.Model):
    """A bulletin, lesson or story in one language. Pages of the same kind and slug are the same in other languages."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    slug = models.CharField(max_length=80)
    lang = models.CharField(max_length=LANGUAGE)
    state = models.CharField(max_length=10, default=PageState.DRAFT)
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="pages")
    case = models.ForeignKey("cases.Case", null=True, blank=True, on_delete=models.SET_NULL, related_name="pages")
    groups = models.ManyToManyField("findings.FollowedGroup", blank=True, related_name="pages")
    """What it rests on: their packages go with it."""
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    latest = models.ForeignKey("public.PageVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    waiting = models.ForeignKey("public.PageVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    """The version that a second member is asked to agree to."""
    why = models.CharField(max_length=500, blank=True)
    """Why a published page changes; readers see it."""
    asked_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    published = models.ForeignKey("public.PageVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    """The first time."""
    agreed_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    findings = models.JSONField(default=dict, blank=True)
    """Finding id to the verdict on its group, as they stood when the page was published."""
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="one_page_per_number"),
            models.UniqueConstraint(fields=["room", "kind", "slug", "lang"], name="one_page_per_address"),
        ]

    def __str__(self) -> str:
        return f"{self.lang}/{self.kind}/{self.slug}"


class PageVersion(models.Model):
    """One state of a page. None is ever changed: each carries the hash of all it holds and of the one before."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=300)
    summary = models.CharField(max_length=600, blank=True)
    body = models.TextField()
    """Markdown."""
    claims = models.JSONField(default=list, blank=True)
    """``text``, ``rating`` and ``media`` of each claim that is reviewed."""
    at = models.DateTimeField()
    by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["page", "number"], name="one_version_per_number")]

    def save(self, *args: Any, **options: Any) -> None:
        """Save a new version with its hash; one that is kept already is never changed."""
        if not self._state.adding:
            raise RuntimeError("versions of pages are only added")
        self.hash = self.content_hash()
        super().save(*args, **options)

    def content_hash(self) -> str:
        """Return the hash that the version must carry."""
        content = [
            self.previous_hash, self.page.room.slug, self.page.kind, self.page.slug, self.page.lang, self.number,
            self.title, self.summary, self.body, self.claims, f"{self.at.timestamp():.6f}",
        ]  # fmt: skip
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


class Correction(models.Model):
    """A change of something published, from one version to another, with why. Never taken back."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="corrections")
    at = models.DateTimeField()
    was = models.ForeignKey(PageVersion, on_delete=models.CASCADE, related_name="+")
    now = models.ForeignKey(PageVersion, on_delete=models.CASCADE, related_name="+")
    why = models.CharField(max_length=500)
    by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["at", "pk"]


class Consent(models.Model):
    """That a person agreed to a story of theirs: what they were shown, and how far it goes. Their name is not kept."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="consents")
    person = models.CharField(max_length=80)
    """What the room calls the person here: a pseudonym."""
    text_shown = models.TextField()
    """What they read or heard before they agreed, in their language."""
    lang = models.CharField(max_length=LANGUAGE)
    scopes = models.JSONField(default=list)
    method = models.CharField(max_length=10, choices=[(one.value, one.value) for one in ConsentMethod])
    is_minor = models.BooleanField(default=False)
    guardian = models.CharField(max_length=80, blank=True)
    """Pseudonym of whoever agreed for a minor."""
    file_sha256 = models.CharField(max_length=64, blank=True)
    """Of the signed sheet or the recording, which stays outside the room."""
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-given_at", "-pk"]


class Photo(models.Model):
    """A photo of a page, written anew without what cameras add. Its file is named by its hash."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="photos")
    sha256 = models.CharField(max_length=64)
    alt = models.CharField(max_length=1000)
    caption = models.CharField(max_length=1000, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    n_bytes = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["pk"]


class Letter(models.Model):
    """What a reader wrote: that something is wrong, or whose story should be told. A member answers by a day."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="letters")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in LetterKind])
    page = models.ForeignKey(Page, null=True, on_delete=models.SET_NULL, related_name="letters")
    text = models.TextField()
    sealed_contact = models.BinaryField(default=b"")
    """How to reach the reader, sealed with the key of the room; empty = they gave nothing."""
    at = models.DateTimeField()
    due_at = models.DateTimeField()
    task = models.ForeignKey("cases.Task", null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_letter_per_number")]
