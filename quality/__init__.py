"""Check what the records say."""
