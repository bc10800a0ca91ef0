"""Every obligation of every stay: what is owed, by when, under which rule, and whether it was done in time."""
