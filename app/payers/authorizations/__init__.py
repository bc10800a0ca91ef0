"""Authorizations: what was asked of a payer for a stay, what it answered, which days are authorized."""
