"""Readmissions within thirty days: the earlier plan, the interview, how preventable people hold them."""
