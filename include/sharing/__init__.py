"""The sharing service: agencies get exactly what they may see, and every look leaves proof."""
