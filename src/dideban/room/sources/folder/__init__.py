"""Watched folders of files."""
