"""What FHIR resources say, in the words of the census. Pure."""
