"""Addresses at which other rooms read and write the record of an epoch that this room keeps. Views only."""
