"""Who is calling: access tokens, assertions, signed requests, certificates."""
