"""Nobody hands in what the state already holds: what satisfies a component, the proof of it, and the count of what was asked all the same."""
