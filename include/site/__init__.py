"""Pages for auditors and staff: Vietnamese first, readable without JavaScript, nothing loaded from elsewhere."""
