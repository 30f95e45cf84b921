"""Exercises made from closed cases: reviewed by a second member, published, and withdrawn when the case changes."""
