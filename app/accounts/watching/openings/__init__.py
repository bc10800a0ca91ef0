"""Openings of restricted stays as cases: each is judged within 72 hours, by somebody else than who opened it."""
