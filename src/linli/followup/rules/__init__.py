"""The law of following up, pure: `calling` (tries and scripts), `rates` (the three rates), `drawing` (the sample)."""
