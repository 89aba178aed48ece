"""The law of the territory: codes, what an import may do, what boundaries must satisfy. Pure."""
