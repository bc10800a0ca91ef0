"""Denials on the page of a stay."""
