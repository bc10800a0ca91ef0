"""Payers as the house deals with them: rule card, calendar, ways to reach them."""
