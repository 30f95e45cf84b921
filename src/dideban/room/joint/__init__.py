"""Proof over several rooms, as a room takes part in it: epochs, the record, what it says, what it learns."""
