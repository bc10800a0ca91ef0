"""The determination of the utilization-review committee: 42 CFR 482.30(d)."""
