"""Golden records to the systems that need them: intent, call, result; nothing lost, nothing twice."""
