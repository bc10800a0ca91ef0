"""Measures: what each means, its cases, its figures, and the pages that show them."""
