"""Appeals against a denial, level by level: prepared, sent, verified, decided or withdrawn."""
