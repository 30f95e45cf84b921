"""Finding packages and provenance: what lies on disk."""
