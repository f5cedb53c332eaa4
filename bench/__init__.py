"""Benchmarks: CPU time and ratios, written to ``bench/results``. ``make bench``, or ``make bench ONLY=row_path``; ``ROWS`` sets the size."""
