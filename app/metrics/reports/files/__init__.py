"""Figures and cases as files: CSV and parquet for programs, XLSX for people, each marked with who took it out."""
