"""What the lane lends: its list, chips and filters, a section of packets, lines of a brief."""
