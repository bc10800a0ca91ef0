"""Pages as of an earlier instant: what they read, and how the instant is chosen."""
