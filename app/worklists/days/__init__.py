"""A day of a facility: each person's own list, who leaves today and tomorrow, and the sheet that is written at dawn."""
