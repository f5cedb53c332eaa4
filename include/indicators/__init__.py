"""The official service index (QĐ 766/QĐ-TTg) and the plan's targets (717/QĐ-UBND), each figure with every dossier behind it.

``measures`` says what is asked of a dossier, ``facts`` keeps the answers and their sums by month, ``catalogue`` makes figures and points of
the sums, ``figures`` asks for them by period, level, agency, desk and procedure, and ``reconcile`` holds them against the portal's own count.
"""
