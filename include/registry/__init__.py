"""Golden records: matching, survivorship, history."""
