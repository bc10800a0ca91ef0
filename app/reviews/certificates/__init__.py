"""Certifications by physicians: of long stays, and of stays in critical access hospitals."""
