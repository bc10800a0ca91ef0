"""Screen and structured assessment of what a patient will need, and the tier of complexity."""
