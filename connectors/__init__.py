"""Talk to systems; know nothing of citizens."""
