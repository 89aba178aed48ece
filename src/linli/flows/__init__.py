"""When this happened, then that: one short file a story, heard after the commit, once a fact."""
