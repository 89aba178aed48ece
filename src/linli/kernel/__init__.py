"""The ground floor: time, ids, errors, texts, journal, access, rulebook, worktime, files, jobs.

It knows no noun of the domain. Everything above may import it; it imports nothing of Linli.
"""
