"""Pure rules: `sheet` (files of the matrix), `gaps` (what is wrong with who leads), `shift` (what a change moves)."""
