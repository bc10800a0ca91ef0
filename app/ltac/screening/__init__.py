"""Referrals to a long-term hospital, from the first call to the admission or the refusal."""
