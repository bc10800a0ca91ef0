"""Cases of measures and their figures per day, kept in step with the census and the records."""
