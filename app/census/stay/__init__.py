"""One stay as people open it: who it is, where the patient lay when, what was recorded, and how it is found."""
