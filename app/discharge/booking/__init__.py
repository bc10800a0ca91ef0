"""Post-acute authorization, bed date, transport, equipment, purchased services."""
