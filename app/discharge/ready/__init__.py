"""Medically ready, discharge order, departure: three times that stay apart."""
