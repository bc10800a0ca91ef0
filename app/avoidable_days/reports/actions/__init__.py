"""What was done about the reasons of avoidable days, and whether the chart moved."""
