"""One door for what other systems recorded: files of cases, read, judged line by line, and taken over.

Its words are mapping (which column is what), line, refusal. It stands on cases, which writes what it took.
"""
