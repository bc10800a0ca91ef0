"""Da Vinci Prior Authorization Support (PAS, FHIR R4): the same requests and answers as X12 278, as bundles."""
