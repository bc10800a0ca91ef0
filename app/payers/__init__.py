"""Payers: who pays, what their contracts ask, which days they authorized, who spoke with them, what they denied."""
