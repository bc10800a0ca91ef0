"""Goals, milestones and tasks of a plan."""
