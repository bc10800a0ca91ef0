"""Records that are never rewritten: they stand, are corrected by another version, or are struck out."""
