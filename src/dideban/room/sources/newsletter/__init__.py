"""Newsletters that arrive in a mailbox."""
