"""After discharge: calls, issues, readmissions, hand-off to community programs."""
