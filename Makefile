# Everything goes through these; each does its own setting up. V=1 shows what a step prints.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
HOST ?= 127.0.0.1
PORT ?= 8000
ONLY ?=

.PHONY: help demo setup setup-dev test check format bench lock
.DEFAULT_GOAL := help

help:
	@echo "make demo    a living town at http://127.0.0.1:8000 (HOST= PORT= LINLI_DATA_DIR=)"
	@echo "make test    every test, on SQLite and PostgreSQL, with a real browser"
	@echo "make check   style, types, contracts: what is quick"
	@echo "make format  put the code into its usual form"
	@echo "make bench   measure against bare drivers (ONLY=name)"
	@echo "make setup   the virtual environment .venv and the front end"
	@echo "make lock    write requirements/*.txt anew (ARGS=--upgrade for newer versions)"

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later was not found; install python3, or say where: make PYTHON=..."; exit 1; }

setup: python
	@$(PYTHON) scripts/setup

setup-dev: python
	@$(PYTHON) scripts/setup --dev

demo: setup
	@LINLI_DEMO=1 .venv/bin/linli demo --host "$(HOST)" --port "$(PORT)"

test: setup-dev
	@.venv/bin/python scripts/test

check: setup-dev
	@.venv/bin/python scripts/check

format: setup-dev
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

bench: setup-dev
	@.venv/bin/python scripts/bench $(ONLY)

lock: setup
	@scripts/lock $(ARGS)
