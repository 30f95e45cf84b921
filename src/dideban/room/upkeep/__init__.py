"""Regular and occasional upkeep: compaction, retention, erasure, backup, health, setup."""
