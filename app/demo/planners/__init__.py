"""Simulated discharge planning: case managers, social workers, vendors and families, by the ordinary commands."""
