"""The plan of a stay: expected date, disposition, goals, barriers, milestones, readiness lights."""
