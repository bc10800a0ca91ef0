"""How the simulated stays run: a calendar of courses, each a generator that yields the instant it wants to go on at."""
