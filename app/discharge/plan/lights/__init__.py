"""Readiness lights: what facts make of them, and where the facts come from."""
