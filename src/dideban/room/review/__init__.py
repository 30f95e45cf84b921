"""The room looks at its own work: delays, false alarms, blind decoys, planted groups, misses, proposals."""
