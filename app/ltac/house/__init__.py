"""The long-term hospital as a whole: its list, its figures, discharges around the threshold for compliance."""
