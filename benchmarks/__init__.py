"""Measurements against bare drivers and libraries, taken in the same run: `make bench`, or ONLY=name."""
