"""Hand-off to programs of the community."""
