"""The two ways in which files come: from the command line, and uploaded by a person."""
