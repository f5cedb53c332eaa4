"""Runnable systems that speak the real protocols of docs/systems.md, and the synthetic province they serve. Never part of production."""
