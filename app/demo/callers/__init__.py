"""Simulated days after discharge: calls, what they find, readmissions asked about and judged, by the commands."""
