"""Conditions of care after the hospital: what people answer, and what the facts of a stay come to."""
