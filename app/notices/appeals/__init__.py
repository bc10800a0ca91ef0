"""Appeals to the quality-improvement organization: against a discharge, or against a change of status."""
