"""Judging hard cases (研判): opinions asked of experts and departments, the decision that weighs them, the hand-up.

Its words are consultation, opinion, decision, dossier. It stands on cases.
"""
