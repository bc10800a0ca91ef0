"""Simulated nurses: they give the notices that are owed, on their rounds, and record them by the ordinary commands."""
