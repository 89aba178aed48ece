"""The residents' pages: report a matter, follow it, say whether it helped. Composed of others' reads and actions."""
