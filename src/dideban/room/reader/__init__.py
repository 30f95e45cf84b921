"""Read untrusted feeds and pages in a separate process, bounded in time and memory. Does not import Django."""
