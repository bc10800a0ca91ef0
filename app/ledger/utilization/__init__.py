"""Over- and under-utilization: days beyond what was expected, days that reviews found not needed, early returns."""
