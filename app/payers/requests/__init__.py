"""What is asked of a payer for a stay, and what it answers, whatever the channel: telephone, portal, X12 or FHIR."""
