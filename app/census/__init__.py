"""Who is in the house: patients, their stays and where each lies, folded from the messages of the hospital's ADT feed."""
