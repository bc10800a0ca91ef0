# Every target does its own set-up. Arguments for the program or for pytest: make run ARGS="--live"
.DEFAULT_GOAL := help
.PHONY: help setup run test soak check bench audit fix lock glossary docs migration
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	pyproject.toml --group setup

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## make the environment in .venv and the command .venv/bin/daybook
	@python3 tools/setup.py app

run: setup ## start Daybook with the simulated hospital on http://127.0.0.1:8000
	@$(BIN)/daybook demo $(ARGS)

test: ## run every test, in a real browser too
	@python3 tools/setup.py dev browser
	@$(BIN)/pytest -n 2 --dist loadfile $(ARGS)

soak: ## faults, growth and upgrades under load, about half an hour (ARGS="--minutes 60"); figures go to build/soak
	@python3 tools/setup.py dev browser
	@$(BIN)/pytest tests/soak -p no:randomly $(ARGS)

check: ## format, lint, types, import directions, known weaknesses, then every test (migrations among them)
	@python3 tools/setup.py dev browser
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/python -m tools.audit
	@$(BIN)/pytest -n 2 --dist loadfile $(ARGS)

audit: ## compare the pinned versions with published weaknesses (ARGS=--strict: fail where nobody answers)
	@python3 tools/setup.py dev
	@$(BIN)/python -m tools.audit $(ARGS)

bench: ## every measurement in turn, hours on a quiet machine (ARGS="load growth"); reports go to build/bench
	@python3 tools/setup.py dev
	@$(BIN)/python -m benchmarks.all $(ARGS)

fix: ## format the code and repair what lint can repair
	@python3 tools/setup.py dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## make the hash-pinned lists in requirements/ fit pyproject.toml (ARGS=--upgrade: newest versions)
	@python3 tools/setup.py dev
	$(COMPILE) $(ARGS) -o requirements/app.txt
	$(COMPILE) --group dev $(ARGS) -o requirements/dev.txt

glossary: ## write GLOSSARY.md from the definitions in app/**/terms.py
	@python3 tools/setup.py dev
	@$(BIN)/python -m tools.glossary

docs: ## check the documents and build them in build/docs (ARGS=--screenshots: take the pictures anew first)
	@python3 tools/setup.py dev $(if $(findstring --screenshots,$(ARGS)),browser)
	@$(BIN)/python -m tools.docs $(ARGS)

migration: ## draft a migration: make migration NAME="add referrals"
	@python3 tools/setup.py dev
	@test -n "$(NAME)" || { echo 'Give it a name: make migration NAME="add referrals"' >&2; exit 2; }
	@$(BIN)/python -m tools.migration "$(NAME)"
