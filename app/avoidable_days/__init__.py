"""Avoidable days: reasons, entries against the days of a stay, drafts that rules propose, delays in hours, reports."""
