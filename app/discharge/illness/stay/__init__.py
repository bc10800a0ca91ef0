"""The serious-illness part of a stay."""
