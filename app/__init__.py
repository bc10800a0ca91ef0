"""Daybook: the working tool of a hospital case-management department."""
