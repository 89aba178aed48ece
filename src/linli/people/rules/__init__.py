"""The town's law about people: telephone numbers and codes (`phone`), who is responsible (`duty`)."""
