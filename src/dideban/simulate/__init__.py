"""Sample posts, null crowds, planted campaigns, adversaries."""

from dideban.simulate.adversary import ADVERSARIES, MAX_DELAY_S, Adversarial, make_adversarial_stream
from dideban.simulate.campaigns import Campaign, default_campaigns
from dideban.simulate.framing import VICTIMS, Framing, make_framing_stream
from dideban.simulate.model import ALL_CROWDS, CROWD_SETS, HARD_CROWDS, NEW_CROWDS, ROLES, Plant, Stream
from dideban.simulate.rooms import split_stream
from dideban.simulate.sample import DEFAULT, Sample, make_sample, write_sample
from dideban.simulate.stream import make_stream, planted_grid

__all__ = [
    "ADVERSARIES",
    "ALL_CROWDS",
    "CROWD_SETS",
    "DEFAULT",
    "HARD_CROWDS",
    "MAX_DELAY_S",
    "NEW_CROWDS",
    "ROLES",
    "VICTIMS",
    "Adversarial",
    "Campaign",
    "Framing",
    "Plant",
    "Sample",
    "Stream",
    "default_campaigns",
    "make_adversarial_stream",
    "make_framing_stream",
    "make_sample",
    "make_stream",
    "planted_grid",
    "split_stream",
    "write_sample",
]
