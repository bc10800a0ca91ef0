"""Commands that take published files in, and those that measure from files alone."""
