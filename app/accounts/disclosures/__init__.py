"""Accounting of disclosures (45 CFR 164.528), and the archive of old parts of the trail."""
