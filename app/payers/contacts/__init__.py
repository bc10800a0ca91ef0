"""The log of contacts with payers, and what is open with one of them."""
