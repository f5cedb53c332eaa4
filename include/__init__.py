"""The hub itself: steps, store, registry, delivery, sandbox."""
