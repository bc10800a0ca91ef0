"""Stays that a person put aside until an instant, or until something changes, with a reason."""
