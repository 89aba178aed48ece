"""Which reports are probably about the same matter: what makes two alike (`rules`), and the search for them (`index`).

Private to intake; others ask `intake.queries`. Its words: matter (a report as it is compared), likeness, hit.
"""
