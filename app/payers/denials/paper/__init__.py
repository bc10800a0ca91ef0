"""The appeal packet: what was sent, kept as it was."""
