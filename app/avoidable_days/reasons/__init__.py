"""The dictionary of reasons of a facility, what a day costs, and what its policy allows."""
