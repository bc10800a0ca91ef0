"""Whose a stay is: assigned by a lead, taken, given back, undone."""
