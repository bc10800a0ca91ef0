"""The weaning round: every ventilated patient of a hospital, one key each."""
