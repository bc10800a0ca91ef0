"""Pages of measures: each figure with its definition, its interval, its charts, and the stays behind it."""
