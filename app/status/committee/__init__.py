"""Who sits on the utilization-review committee: 42 CFR 482.30(b)."""
