"""Accesses that look unusual: rules that say what they counted, and what the privacy officer made of each finding."""
