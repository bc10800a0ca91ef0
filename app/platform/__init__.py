"""Plumbing that knows nothing of hospitals: database, units of work, audit, jobs, time, logs."""
