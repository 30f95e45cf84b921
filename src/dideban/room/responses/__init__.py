"""Responses: planned, drawn by lot, told, and what they did."""
