"""A hospital's own criteria sets: versions in the form of the shipped ones, in use from a day on."""
