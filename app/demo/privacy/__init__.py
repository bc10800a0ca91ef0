"""The privacy officer of the simulated hospital: what there is to judge."""
