"""Policies of a hospital by which a review that is not met need not go to a physician."""
