"""Who is in the house: patients, their stays and where each lies, folded from the hospital's ADT messages."""
