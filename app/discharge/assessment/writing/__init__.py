"""Writing an assessment: its page, the draft that keeps itself, signing, amending."""
