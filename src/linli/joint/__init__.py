"""Whistle and report-in (吹哨报到): several posts and departments at one matter, called, signed in, met, listed.

Its words are whistle, template, meeting, the three lists. It stands on cases, which keeps the assignments.
"""
