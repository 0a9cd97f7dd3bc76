# The commands of the project. `make help` lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
STAMP   = $(VENV)/.installed

.DEFAULT_GOAL := help

help:            ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

install: $(STAMP)   ## virtual environment with the locked, hash-checked packages

demo: $(STAMP)   ## the whole journey with a sample organisation; prints what it did and where to look
	$(BIN)/cermin demo $(DEMO)

run: $(STAMP)    ## the product on one port, for a person to use
	$(BIN)/cermin up $(RUN)

check: $(STAMP)  ## style, types and import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(STAMP)   ## install missing test servers where possible, then check and run every test
	@sh tests/servers/install.sh
	$(MAKE) --no-print-directory check
	$(BIN)/pytest -n 2 $(TEST)

attack: $(STAMP)  ## a large round attacked on both deployments; prints one table (ATTACK_PEOPLE=480)
	$(BIN)/python -m tests.attack

faults: $(STAMP) ## deaths at every step, kills at random, lines that break: everything at full size, one table
	@sh tests/servers/install.sh
	FAULTS=full $(BIN)/pytest -q -n 3 --dist loadfile tests/faults $(FAULTS_ARGS)

attack-numbers: $(STAMP)   ## the exact attacker on everything published, over 2,000 ratees a policy; RATEES=200 for less
	CERMIN_ATTACK_RATEES=$(or $(RATEES),2000) $(BIN)/pytest -n 2 -q -rP tests/attack/test_everything_published.py

mutants: $(STAMP)   ## change arithmetic and thresholds one by one and see that a test notices; docs/mutants.md explains
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/mutants.txt
	nice $(BIN)/python -m tests.mutants $(MUTANTS)

bench: $(STAMP)  ## measure against references in one run, about 3 minutes; SIZE=full for a province, under 20
	@sh tests/servers/install.sh
	$(BIN)/python -m bench --size $(or $(SIZE),small) $(BENCH)

bench-growth: $(STAMP)  ## time and memory for 4,000, 40,000 and 160,000 people; writes docs/growth.svg
	$(BIN)/python -m bench.growth --picture docs/growth.svg $(GROWTH)

lock:            ## resolve the versions again (needs uv)
	uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --upgrade -q --custom-compile-command "make lock" -o requirements/runtime.txt
	uv pip compile pyproject.toml --group dev --universal --generate-hashes --no-emit-index-url --upgrade -q --custom-compile-command "make lock" -c requirements/runtime.txt -o requirements/dev.txt
	uv pip compile pyproject.toml --group mutants --universal --generate-hashes --no-emit-index-url -q --custom-compile-command "make lock" -c requirements/dev.txt -o requirements/mutants.txt
	uv pip compile pyproject.toml --extra pdf --universal --generate-hashes --no-emit-index-url -q --custom-compile-command "make lock" -c requirements/dev.txt -o requirements/pdf.txt
	uv pip compile --group build --universal --generate-hashes --no-emit-index-url -q --custom-compile-command "make lock" -c requirements/dev.txt -o requirements/build.txt

screenshots: $(STAMP)   ## pictures of the console for the guides, into docs/screenshots (needs chromium)
	$(BIN)/python -m tests.browser.screenshots $(SCREENSHOTS)

clean:           ## remove what the commands made
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis

.PHONY: help install demo run check test attack attack-numbers mutants lock screenshots bench bench-growth faults clean
