"""How the lane works: hours to a consult, goals in intensive care, hospice considered; every number opens its list."""
