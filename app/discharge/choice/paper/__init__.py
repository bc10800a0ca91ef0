"""Lists on paper: in large type for the patient, and as a section of packets."""
