"""Joining, roles, places, tokens. Everything here leaves an audit event in the same transaction."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop

from dideban.errors import InputError
from dideban.room.audit.actions import Actor, record
from dideban.room.audit.models import AuditEvent
from dideban.room.deferred_writes import deferred
from dideban.room.members.models import ApiToken, Invitation, KnownDevice, Member, Membership
from dideban.room.members.tokens import PREFIX_CHARS, SCOPES, hash_token, make_token
from dideban.room.roles import Permission, Role
from dideban.room.rooms.models import Place, Room

INVITATION_DAYS = 7
MAX_TOKEN_DAYS = 3_650
JOINERS = "\u200c\u200d"
"""What Persian and others write within words."""
GUESSED = gettext_noop(
    "Somebody tried several passwords with your name and was stopped. If it was not you: your password held. "
    "A second factor protects you further, and its recovery codes let you in if you are locked out."
)
VISIT_GAP = timedelta(minutes=30)
"""Away for longer: a new visit, and what came meanwhile is new."""


@transaction.atomic
def create_member(
    *, username: str, password: str, display_name: str = "", email: str = "", language: str = "en",
    time_zone: str = "UTC", calendar: str = "gregorian", by: Actor,
) -> Member:  # fmt: skip
    """Make a member who is in no room yet.

    Raises
    ------
    InputError
        The name is taken, too long, or has characters that cannot be seen.
    django.core.exceptions.ValidationError
        The password is too weak, or the e-mail address is none.
    """
    username = _plain(Member.normalize_username(username))
    if not username or Member.objects.filter(username__iexact=username).exists():
        raise InputError("room.name-taken", hint="room.choose-another", name=username)
    member = Member(
        username=username, display_name=_plain(display_name)[:100], email=email.strip().lower(), language=language,
        time_zone=time_zone, calendar=calendar,
    )  # fmt: skip
    if member.email:
        validate_email(member.email)
    validate_password(password, member)
    member.set_password(password)
    member.save()
    record(None, "member.create", by=by or member, subject=f"member:{member.pk}", details={"name": username})
    return member


@transaction.atomic
def add_membership(room: Room, member: Member, *, role: Role, places: Sequence[Place] = (), by: Actor) -> Membership:
    """Put a member into a room; a member who is there already gets the role and places given."""
    if by:
        by.require(Permission.MEMBERS)
    found, _ = Membership.objects.update_or_create(room=room, member=member, defaults={"role": role})
    found.places.set(places)
    record(room, "member.join", by=by, subject=f"member:{member.pk}", details=_terms(role, places))
    return found


@transaction.atomic
def change_membership(found: Membership, *, role: Role, places: Sequence[Place], by: Actor) -> None:
    """Change role and places.

    Raises
    ------
    InputError
        It would leave the room without a coordinator.
    """
    if by:
        by.require(Permission.MEMBERS)
    if role != Role.COORDINATOR:
        _keep_a_coordinator(found)
    found.role = role
    found.save(update_fields=["role"])
    found.places.set(places)
    record(found.room, "member.change", by=by, subject=f"member:{found.member_id}", details=_terms(role, places))


@transaction.atomic
def remove_membership(found: Membership, *, by: Actor) -> None:
    """Take a member out of a room; their tokens go with the membership, their work stays.

    Raises
    ------
    InputError
        It would leave the room without a coordinator.
    """
    if by and by.pk != found.pk:
        by.require(Permission.MEMBERS)
    _keep_a_coordinator(found)
    record(found.room, "member.leave", by=by, subject=f"member:{found.member_id}")
    found.delete()


@transaction.atomic
def invite(
    room: Room, *, role: Role, places: Sequence[Place] = (), email: str = "", by: Membership
) -> tuple[Invitation, str]:
    """Make an invitation; return it and its token, which is kept nowhere.

    Raises
    ------
    InputError
        The e-mail address is none.
    """
    by.require(Permission.MEMBERS)
    if email.strip():
        try:
            validate_email(email.strip())
        except ValidationError as error:
            raise InputError("room.not-an-email") from error
    token = make_token("i")
    made = Invitation.objects.create(
        room=room, email=email.strip().lower(), role=role, token_hash=hash_token(token), invited_by=by.member,
        expires_at=timezone.now() + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    made.places.set(places)
    record(room, "invitation.make", by=by, subject=f"invitation:{made.pk}", details=_terms(role, places))
    return made, token


@transaction.atomic
def revoke_invitation(made: Invitation, *, by: Membership) -> None:
    """Make the link of an invitation useless."""
    by.require(Permission.MEMBERS)
    Invitation.objects.filter(pk=made.pk, accepted_at__isnull=True).update(revoked_at=timezone.now())
    record(made.room, "invitation.revoke", by=by, subject=f"invitation:{made.pk}")


def find_invitation(token: str) -> Invitation | None:
    """Return the invitation of a token if it still holds. One query."""
    return (
        Invitation.objects.filter(
            token_hash=hash_token(token),
            accepted_at__isnull=True,
            revoked_at__isnull=True,
            expires_at__gt=timezone.now(),
        )
        .select_related("room")
        .first()
    )


@transaction.atomic
def accept_invitation(token: str, *, member: Member) -> Membership:
    """Join by the token of an invitation; it works once.

    Raises
    ------
    InputError
        The invitation is used up, revoked, expired, or never was.
    """
    made = find_invitation(token)
    now = timezone.now()
    claimed = made and Invitation.objects.filter(pk=made.pk, accepted_at__isnull=True).update(accepted_at=now)
    if not made or not claimed:
        raise InputError("room.invitation-over", hint="room.invitation-ask")
    joined = add_membership(made.room, member, role=Role(made.role), places=list(made.places.all()), by=None)
    Membership.objects.filter(pk=joined.pk, vouched_by=None).update(vouched_by=made.invited_by)
    joined.refresh_from_db(fields=["vouched_by"])
    return joined


@transaction.atomic
def make_api_token(*, name: str, scopes: Sequence[str], days: int | None, by: Membership) -> tuple[ApiToken, str]:
    """Make a token for programs; return it and its secret, which is kept nowhere.

    Raises
    ------
    InputError
        An unknown scope, or none; an odd number of days.
    """
    by.require(Permission.WORK)
    if not scopes or set(scopes) - set(SCOPES):
        raise InputError("room.scopes-empty", choices=", ".join(SCOPES))
    if days is not None and not 1 <= days <= MAX_TOKEN_DAYS:
        raise InputError("room.days-out-of-range", days=days, most=MAX_TOKEN_DAYS)
    secret = make_token("t")
    token = ApiToken.objects.create(
        membership=by, name=name.strip()[:100] or "token", prefix=secret[:PREFIX_CHARS], token_hash=hash_token(secret),
        scopes=sorted(set(scopes)), expires_at=timezone.now() + timedelta(days=days) if days else None,
    )  # fmt: skip
    record(by.room, "token.make", by=by, subject=f"token:{token.pk}", details={"scopes": token.scopes})
    return token, secret


@transaction.atomic
def revoke_api_token(token: ApiToken, *, by: Membership) -> None:
    """Make a token useless: one's own, or any where one manages members."""
    if token.membership_id != by.pk:
        by.require(Permission.MEMBERS)
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    record(by.room, "token.revoke", by=by, subject=f"token:{token.pk}")


def note_visit(found: Membership) -> None:
    """Remember that a member is here: at most once a minute, and no page waits for it.

    No audit event: looking at pages is no act.
    """
    now = timezone.now()
    last = found.last_seen_at
    if last and now - last < timedelta(minutes=1):
        return
    if last is None or now - last > VISIT_GAP:
        found.new_since_at, found.visit_began_at = last, now
    found.last_seen_at = now
    names = ["new_since_at", "visit_began_at", "last_seen_at"]
    deferred.put(("visit", found.pk), lambda: found.save(update_fields=names))


@transaction.atomic
def set_password(member: Member, password: str) -> None:
    """Set the password of a member who cannot sign in: for anyone who keeps the machine. All sessions of theirs end.

    Raises
    ------
    InputError
        The password is too weak.
    """
    from allauth.usersessions.models import UserSession

    try:
        validate_password(password, member)
    except ValidationError as error:
        raise InputError("room.password-weak", hint="room.password-hint", reasons=" ".join(error.messages)) from error
    member.set_password(password)
    member.save(update_fields=["password"])
    for session in UserSession.objects.filter(user=member):
        session.end()
    record(None, "member.password", by=None, subject=f"member:{member.pk}")


def note_device(member: Member, mark: str) -> None:
    """Note the device that a member is signed in from; no audit event."""
    now = timezone.now()
    found, made = KnownDevice.objects.get_or_create(member=member, mark=mark, defaults={"last_at": now})
    if not made and now - found.last_at > timedelta(hours=1):
        KnownDevice.objects.filter(pk=found.pk).update(last_at=now)


def note_guessing(member: Member, *, network: str) -> bool:
    """Note that wrong passwords are tried with the name of a member; once an hour for each network, else False."""
    since = timezone.now() - timedelta(hours=1)
    told = AuditEvent.objects.filter(action="member.guessed", subject=f"member:{member.pk}", at__gt=since)
    if any(event.details.get("network") == network for event in told):
        return False
    with transaction.atomic():
        record(None, "member.guessed", by=None, subject=f"member:{member.pk}", details={"network": network})
    return True


def last_guessing(member: Member, *, since: datetime) -> AuditEvent | None:
    """Return the last time that passwords were tried with the name of a member. One query."""
    found = AuditEvent.objects.filter(room_slug="", subject=f"member:{member.pk}", action="member.guessed")
    return found.filter(at__gt=since).order_by("-seq").first()


def tell_of_guessing(member: Member) -> bool:
    """Notify the owner of a name by mail that others try passwords with it; False where there is no way to."""
    if not settings.HAS_MAIL or not member.email:
        return False
    with translation.override(member.language):
        text = gettext(GUESSED)
        subject = gettext("Somebody tries passwords with your name")
    EmailMessage(f"[Dideban] {subject}", f"{text}\n\n{settings.SITE_URL}\n", to=[member.email]).send()
    return True


def note_use(token: ApiToken, now: datetime) -> None:
    """Note that a token was used; once a minute at most, no audit event."""
    if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


@transaction.atomic
def change_preferences(member: Member, **values: object) -> None:
    """Change how a member reads; see members.models.Member."""
    known = {
        "language", "time_zone", "calendar", "theme", "uses_local_digits", "uses_shortcuts", "display_name", "email",
        "mail_pace", "digest_hour", "quiet_from", "quiet_until",
    }  # fmt: skip
    if unknown := set(values) - known:
        raise InputError("room.no-such-field", name=", ".join(sorted(unknown)))
    for name, value in values.items():
        setattr(member, name, value)
    member.full_clean(exclude=["password"])
    member.save(update_fields=list(values))


def _plain(name: str) -> str:
    """Return a name without spaces around it.

    Raises
    ------
    InputError
        Longer than 150 characters, or with some that are not seen or turn the direction of others around.
    """
    name = name.strip()
    odd = any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and c not in JOINERS for c in name)
    if len(name) > 150 or odd:
        raise InputError("room.name-form", hint="room.choose-another")
    return name


def _keep_a_coordinator(found: Membership) -> None:
    others = Membership.objects.filter(room=found.room, role=Role.COORDINATOR, member__is_active=True).exclude(
        pk=found.pk
    )
    if found.role == Role.COORDINATOR and not others.exists():
        raise InputError("room.last-coordinator", hint="room.last-coordinator-hint")


def _terms(role: str, places: Sequence[Place]) -> dict[str, object]:
    return {"role": str(role), "places": sorted(place.slug for place in places)}
