"""For the privacy officer: who saw whom, who did what, which glass was broken."""
