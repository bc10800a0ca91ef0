"""The facility's own terms for referrals, and asking the next vendors when nobody answers."""
