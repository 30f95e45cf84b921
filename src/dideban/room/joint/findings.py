"""Joint findings as the room keeps them: what the record says, and its own members and nobody else's."""

from __future__ import annotations

from django.db.models import Max
from django.utils import timezone

from dideban.federation import claim_facts
from dideban.joint.party import Party
from dideban.joint.record import EpochRecord
from dideban.room.joint.models import JointEpoch, JointFinding, Outgoing
from dideban.room.joint.own_view import OwnView, erased_of, keep_names, load_names, occasions_of
from dideban.room.rooms.models import Place, Room


def keep_findings(epoch: JointEpoch, record: EpochRecord, own: OwnView, party: Party) -> int:
    """Keep the claims of a record that is done; return how many. Call it in a transaction."""
    claims = record.claims()
    last = JointFinding.objects.filter(room=epoch.room).aggregate(last=Max("number"))["last"] or 0
    places = {place.slug: place for place in Place.objects.filter(room=epoch.room)}
    erased = set(erased_of(epoch.room.slug))
    for number, claim in enumerate(claims, start=last + 1):
        known = {account for name in claim.named if (account := party.account_of(name)) is not None}
        members = sorted(known - erased)
        days, where = occasions_of(own, members)
        found = JointFinding.objects.create(
            room=epoch.room, epoch=epoch, number=number, proposal=claim.heard.proposal, n_named=len(claim.named),
            own=members, facts=claim_facts(record, claim), days=days, found_at=timezone.now(),
        )  # fmt: skip
        found.places.set(places[slug] for slug in where if slug in places)
    return len(claims)


def forget_account(room: Room, account: str) -> int:
    """Take a person out of everything joint that the room keeps; return how many joint findings named them.

    Notes
    -----
    Messages that were sent stay as they are, here and with others: they hold a blinded name, which nobody can resolve
    once the keys of its epoch are deleted. What was not sent yet and names the person is not sent.
    """
    for epoch in JointEpoch.objects.filter(room=room):
        names = load_names(room.slug, epoch.digest)
        name = names.pop(account, None)
        if name is None:
            continue
        keep_names(room.slug, epoch.digest, names)
        Outgoing.objects.filter(epoch=epoch, sent_at=None, body__contains=name).delete()
        JointEpoch.objects.filter(pk=epoch.pk).update(n_erased=epoch.n_erased + 1)
    touched = [one for one in JointFinding.objects.filter(room=room) if account in one.own]
    for one in touched:
        own = [member for member in one.own if member != account]
        JointFinding.objects.filter(pk=one.pk).update(own=own, n_erased=one.n_erased + 1)
    return len(touched)
