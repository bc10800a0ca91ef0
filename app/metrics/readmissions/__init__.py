"""The hospital-wide readmission measure as functions of frames."""
