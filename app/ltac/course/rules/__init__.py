"""Rules of what is charted of a long-term stay: weaning, wounds, the life of records. Pure."""
