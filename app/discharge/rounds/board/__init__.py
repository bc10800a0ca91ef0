"""The board of a unit: every bed, large, for the daily huddle."""
