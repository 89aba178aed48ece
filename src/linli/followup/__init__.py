"""After closing (回访、三率、复查): calling reporters back, the three rates, the random re-inspection, what recurs.

Its words are call, rate, exclusion, draw. It stands on cases.
"""
