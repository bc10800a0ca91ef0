"""Talks with physicians of payers: slots, how they ended, and how often a denial is overturned."""
