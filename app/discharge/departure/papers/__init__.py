"""The hand-off packet: what the next setting gets, on paper and as a FHIR document, kept as it was made."""
