"""Code lists of the readmission measure, in vintages."""
