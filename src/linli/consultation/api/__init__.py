"""Consultations over JSON. Thin: parse, call the same actions as the pages, show."""
