"""Following up over JSON. Thin: parse, call the same actions as the pages, show. The reporter's telephone is never part
of it: the number for a call is shown on the caller's page alone."""
