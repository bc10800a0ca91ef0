"""Changes of status, the documented expectation, the care team, and what is said of the claim."""
