"""Criteria sets as data: what a reviewer looks for, and what follows from the answers. Knows no database.

The shipped sets stand in `data/*.toml` in our own words; a hospital's own sets have the same form and are kept by
`app/reviews/sets`. A set is a screen: what it does not meet goes to a physician, it is no reason for a denial.
"""

from app.reviews.criteria.library import get, sets_for
from app.reviews.criteria.rules import evaluate, outcome

__all__ = ["evaluate", "get", "outcome", "sets_for"]
