# Everything happens in .venv, which is made by the first target that needs it.
PYTHON ?= python3
BIN := .venv/bin

# The shipped model is trained in .venv-model, with this Python and the packages of models/requirements.txt:
# it records their versions, so with others it would not come out the same.
MODEL_PYTHON := 3.11.7

.PHONY: help demo model test test-versions fuzz lint types docs check notebooks bench dist clean

help:  ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

demo: .venv/installed  ## Train, evaluate and predict on what the repository ships
	$(BIN)/topicml demo

model: .venv-model/installed  ## Train the model that ships in models/ from the corpus in data/
	.venv-model/bin/topicml train data/world_desk.jsonl --out models/world-desk --target multilabel

test: .venv/installed-dev  ## Run the tests and the examples in the documentation
	$(BIN)/pytest -q -n auto --dist worksteal

test-versions:  ## Run tests of models and files with the lowest and the newest versions of all that topicml needs
	$(PYTHON) tests/versions.py

fuzz: .venv/installed-dev  ## Attack readers, models, texts and commands by chance, for about ten minutes
	TOPICML_FUZZ_SECONDS=40 $(BIN)/pytest -q -n auto --hypothesis-profile=fuzz tests/fuzz

lint: .venv/installed-dev  ## Check style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/installed-dev  ## Check types
	$(BIN)/mypy

docs: .venv/installed-dev  ## Build the site of the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

check: lint types docs test  ## What must pass before a change is taken

notebooks: .venv/installed-dev  ## Run the notebooks and the tutorial and keep what they show
	$(BIN)/python -m notebooks.refresh
	$(BIN)/python -m notebooks.tutorial

bench: .venv/installed-dev  ## Measure beside the peers, as benchmarks/README.md says
	$(BIN)/python -m benchmarks

dist: .venv/installed-dist  ## Build the wheel and the source distribution into dist/, and check them
	rm -rf dist
	$(BIN)/python -m build --outdir dist
	$(BIN)/twine check --strict dist/*
	$(BIN)/python .github/check_distributions.py dist

clean:  ## Remove what the other targets made, but for demo/, where people keep models
	rm -rf .venv .venv-model dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'

.venv/installed: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/installed-dev: .venv/installed pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[tables,html,warc,feeds,onnx,report,serve]' --group dev
	touch $@

.venv/installed-dist: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --group dist
	touch $@

.venv-model/installed: models/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import platform; raise SystemExit(platform.python_version() != "$(MODEL_PYTHON)")' || { \
		echo 'the shipped model is trained with Python $(MODEL_PYTHON): make model PYTHON=path/to/it' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv-model
	.venv-model/bin/python -m pip install --quiet --requirement models/requirements.txt --editable .
	touch $@
