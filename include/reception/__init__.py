"""Boundary-free reception: any desk receives any dossier, the hub finds the authority in charge and follows the hand-over."""
