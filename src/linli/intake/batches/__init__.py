"""Batches: what a hotline, the police, an editorial office or the post room sends as one file."""
