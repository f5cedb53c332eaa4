"""What records mean: canonical entities, Vietnamese identifiers, dates, places, one mapping per source dataset.

Pure: no I/O beyond the code lists, no clock.
"""
