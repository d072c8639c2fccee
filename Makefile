# `make` alone prints the targets. Anything longer than a few lines lives in .make/.

PREFIX  ?= /usr/local
DESTDIR ?=
# How often the longer tests play their game.
RACES   ?= 400
FAULTS  ?= 30
N       ?= 10000000
SEED    ?= 0
TRAINER ?= quick
RUNS    ?= 3
SIZE    ?= 4

# The standard library travels in the installed binary, in a build folder of its own.
RELEASE := --configuration release --static-swift-stdlib --scratch-path .build-release
PYTHON  := "$$(Sources/trainer/launch environment)"
RUFF    := $(PYTHON) -m ruff
SCRIPTS := .make/examples-table Sources/trainer Tests/trainer Tests/peers Tests/bench

.DEFAULT_GOAL := help
.PHONY: help run examples test setup build lint format bench bench-data bench-append bench-large bench-plan bench-trainer bench-trl bench-run bombs fuzz release races faults test-trainer install clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: ## see it work: fine-tune a real model (8 minutes at first)
	@.make/setup run
	@.make/demo

examples: ## fine-tune it for each of five tasks (20 minutes)
	@.make/setup examples
	@.make/examples

test: ## run all tests, after any set-up that is missing
	@.make/setup test
	swift test --disable-xctest --parallel
	@$(MAKE) --no-print-directory test-trainer

setup: ## install what is missing: packages, PyTorch, the build
	@.make/setup setup

build: ## build ftops for debugging
	swift build --product ftops

lint: ## check formatting, style and types of Swift and Python
	swift format lint --strict --recursive Sources Tests Package.swift
	$(RUFF) check $(SCRIPTS)
	$(RUFF) format --check $(SCRIPTS)
	$(PYTHON) -m mypy --config-file Sources/trainer/pyproject.toml Sources/trainer

format: ## format Swift and Python in place
	swift format --in-place --recursive Sources Tests Package.swift
	$(RUFF) check --fix $(SCRIPTS)
	$(RUFF) format $(SCRIPTS)

test-trainer: ## run the trainer's own tests
	$(PYTHON) -m pytest --quiet Tests/trainer

bench: bench-data bench-append bench-large bench-plan bench-trainer bench-trl bench-run ## measure all below beside other tools: .docs/bench.md

bench-data: release ## time rendering beside datasets, polars, DuckDB
	$(PYTHON) Tests/bench/data.py --runs $(RUNS)

bench-append: release ## time a plan after a row was added to a large file
	$(PYTHON) Tests/bench/append.py --runs $(RUNS)

bench-large: release ## render SIZE=4 gigabytes, and tell the memory
	$(PYTHON) Tests/bench/large.py --gigabytes $(SIZE)

bench-plan: release ## time a plan of 1,000 and of 10,000 beside dvc
	$(PYTHON) Tests/bench/plan.py --runs $(RUNS)

bench-trainer: ## time the trainer's step beside a plain one, and its memory
	@.make/setup setup
	$(PYTHON) Tests/trainer/bench.py

bench-trl: release ## train beside TRL: speed, memory, validation loss
	$(PYTHON) Tests/bench/training.py --runs $(RUNS)

bench-run: release ## time the first token of a run, cold and warm
	$(PYTHON) Tests/bench/answers.py --runs $(RUNS)

release: ## build ftops for release, into .build-release
	@.make/setup setup
	swift build $(RELEASE) --product ftops

bombs: release ## read hostile YAML: each one's time and peak memory
	swift build --product yaml-bombs
	.build/debug/yaml-bombs "$$(swift build $(RELEASE) --show-bin-path)/ftops"

fuzz: ## give each parser N=10000000 inputs, an hour or so in all
	@.make/fuzz $(N) $(SEED)

races: ## race four processes for the ledger, RACES=400 times
	FTOPS_RACES=$(RACES) swift test --disable-xctest --filter Race

faults: ## kill what trains FAULTS=30 times each; TRAINER=real is slow
	FTOPS_FAULTS=$(FAULTS) FTOPS_FAULTS_TRAINER=$(TRAINER) \
	    swift test --disable-xctest --filter $(if $(filter real,$(TRAINER)),RealFault,Fault)

install: release ## build for release, install under PREFIX=/usr/local
	@.make/install "$$(swift build $(RELEASE) --show-bin-path)/ftops" "$(DESTDIR)$(PREFIX)"

clean: ## remove all that was built, the demo and examples too
	rm -rf .build .build-release .build-fuzz
