# The portal's commands. `make help` lists them.
SHELL := /bin/sh
PORT ?= 8000
HOST ?= 127.0.0.1
VENV_PYTHON := .venv/bin/python
PORTAL := $(VENV_PYTHON) -m apps.core.embedded
.DEFAULT_GOAL := help
.PHONY: help run setup test bench lint stop status clean-data venv venv-dev

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: venv ## start the portal (PORT=8000 HOST=127.0.0.1), until Ctrl-C
	@HOST=$(HOST) PORT=$(PORT) exec $(PORTAL) run

setup: venv ## make .venv and load reference data, start nothing
	@$(PORTAL) setup

test: ## the whole suite, browser tests included
	@sh scripts/test.sh

bench: venv-dev ## measure, as docs/PERFORMANCE.md describes
	@$(VENV_PYTHON) manage.py bench $(ARGS)

lint: venv-dev ## style, layers, missing migrations
	@sh scripts/lint.sh

stop: ## stop a running portal and its database
	@if [ -x $(VENV_PYTHON) ]; then $(PORTAL) stop; fi

status: venv ## what is running
	@$(PORTAL) status || true

clean-data: stop ## delete all local data (.data), after a question
	@sh scripts/clean_data.sh

venv:
	@sh scripts/venv.sh

venv-dev:
	@sh scripts/venv.sh dev
