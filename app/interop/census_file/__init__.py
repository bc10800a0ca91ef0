"""Census files: a table of who is in the house at an instant, as a source of the census or as a check of it."""
