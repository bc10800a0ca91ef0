"""Pages of reports: all of a hospital, one with its figures, its form."""
