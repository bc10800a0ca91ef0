"""Simulated utilization review: nurses, payers and physicians at work, by the ordinary commands."""
