"""TAXII 2.1: collections of the room for peers. Views only; what is on the shelf is in ``room.sharing``."""
