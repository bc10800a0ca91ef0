"""Discharge planning: assessment, plan, rounds, referrals to vendors, departure, the days after it."""
