"""Dossiers between portal, hub and one-stop systems: preflight, conflicts, reception."""
