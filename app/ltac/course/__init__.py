"""What is charted day by day of a long-term stay: weaning, wounds, therapy, conferences."""
