"""Conferences of a unit, and the list of complex cases."""
