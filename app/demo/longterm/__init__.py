"""Simulated work of the long-term care hospital: referrals, weaning, conferences, benefit days, by the commands."""
