"""The closed loop: a matter is reported, located, routed, handled in time, checked, closed, asked about.

Its words are Case, state, move, kind (catalogue entry), condition, desk, evidence. It stands on
territory (where), people (who) and notices (telling); everything above reads or feeds it.
"""
