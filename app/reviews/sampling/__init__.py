"""Second readings: a share of signed reviews is read again by another person, blind, to see how far readers agree."""
