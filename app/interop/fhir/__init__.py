"""Stays from FHIR R4: files are read, references followed, every Encounter stored with what it refers to and folded."""
