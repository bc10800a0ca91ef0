"""Mail to vendors: a link and a time, never a word about a patient."""
