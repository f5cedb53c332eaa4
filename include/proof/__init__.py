"""Proof: what the hub recorded cannot be altered, dropped, reordered or re-signed without ``hub audit verify`` naming the first place."""
