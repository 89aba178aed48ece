"""`python -m linli` is the command `linli`."""

from linli.project.cli import main

main()
