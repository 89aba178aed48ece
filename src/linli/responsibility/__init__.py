"""Who answers for what (责任清单、五长制、四个一): gaps and doubles, what-if, chiefs, advisers, squads, the four sheets.

Its words are matrix, duty list, chief, squad, sheet. It stands on cases and people, which keep the rules it shows.
"""
