"""The choice of the patient: the list that was shown, the disclosure, what was chosen and how it is evidenced."""
