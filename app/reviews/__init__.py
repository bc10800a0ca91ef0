"""Medical necessity: reviews against criteria, one for each kind and day of a stay, signed, amended, struck out."""
