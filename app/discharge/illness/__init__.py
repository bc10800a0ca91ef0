"""The serious-illness lane: triggers, consults, surrogates, advance-care planning, family meetings."""
