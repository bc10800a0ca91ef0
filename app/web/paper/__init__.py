"""Documents on paper: one room in which all of them are set."""
