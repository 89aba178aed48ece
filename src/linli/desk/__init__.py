"""The desks of the staff: queues, the case page with its moves, the town map, the catalogue, new matters.

A surface: its pages are put together from the reads and actions of the rooms below; it has no tables.
"""
