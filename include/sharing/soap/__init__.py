"""SOAP for systems that speak nothing else: the same questions, through the same code, in envelopes."""
