"""Checks before care after the hospital, one module for each part of the law."""
