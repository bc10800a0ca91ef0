"""Teaching, medicines, caregivers, crisis plans, the patient's own goals."""
