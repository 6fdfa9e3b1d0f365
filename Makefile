PYTHON ?= python3
.DEFAULT_GOAL := help
.PHONY: help run test lint format clean screenshots docs bench bench-national drill

help:
	@echo "make run          set everything up and start Journeybook on http://127.0.0.1:8000 (PORT=8001 moves it)"
	@echo "make test         run every check and every test, on SQLite and on PostgreSQL"
	@echo "make lint         only the checks: style, import contracts, types, templates, migrations, deployment"
	@echo "make format       put the Python files in the house's format"
	@echo "make docs         draw the model anew and build docs/ into var/docs"
	@echo "make bench        measure each figure of speed beside its floor (ten minutes), docs/performance.md"
	@echo "make bench-national  the same with all apprentices of the country (25 GB, twenty minutes), docs/scaling.md"
	@echo "make drill        break a site on purpose and write down what it made of it, docs/drill.md (half an hour)"
	@echo "make clean        remove the environment, the database and its files; .env is kept"
	@echo "make screenshots  take a picture of every page, and those of README and docs anew"

run:
	@$(PYTHON) run.py

test:
	@$(PYTHON) -m tests.run

lint:
	@$(PYTHON) -m tests.run lint

format:
	@$(PYTHON) -m tests.run format

clean:
	@$(PYTHON) run.py clean

screenshots:
	@$(PYTHON) -m tests.run install
	@.venv/bin/python -m tests.screenshots

docs:
	@$(PYTHON) -m tests.run docs

bench:
	@$(PYTHON) -m tests.run install
	@.venv/bin/python -m benchmarks

bench-national:
	@$(PYTHON) -m tests.run install
	@.venv/bin/python -m benchmarks.national

drill:
	@$(PYTHON) -m tests.run install
	@.venv/bin/python -m drill
