"""The arithmetic of payment days: absences, covered days, the threshold, the rate, benefit days, figures. Pure."""
