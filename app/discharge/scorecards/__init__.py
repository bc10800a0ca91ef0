"""How vendors answer: times, acceptance, reasons, with intervals and sample sizes."""
