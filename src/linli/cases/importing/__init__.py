"""Reading the cases of another system from its file: mapping, lines, values. Writes nothing.

`mapping` reads the file that says which column is what, `reading` gives the lines of CSV and Excel files,
`rows` makes cases of lines. The write is `cases.actions.importing`.
"""
