"""Denials of payers: what is at risk, the levels of appeal with their clocks, what was sent, how it ended."""
