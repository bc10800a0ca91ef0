"""Status: midnights as a timeline, determinations of the committee (42 CFR 482.30(d)), changes of inpatient status."""
