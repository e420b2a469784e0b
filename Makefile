# Owns the commands people type. Each does all of its own set-up and is quick when nothing changed.
# The work is in tools/ and in CMake; nothing is decided here.
BUILD := build/release
PREFIX ?= $(HOME)/.local
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

.PHONY: help build demo test python site format lint clean install bench fuzz

help:
	@echo "make build    set up, build $(BUILD)/bin/deltic"
	@echo "make demo     build, make a table with another writer, and look at it with deltic"
	@echo "make test     set up, build, run every test (FORCE=1 also those whose inputs are unchanged; ONLY=\"unit cli\")"
	@echo "make python   build the Python package and install it to .venv"
	@echo "make site     build the documentation site into site/"
	@echo "make install  build, install to PREFIX=$(PREFIX)"
	@echo "make format   format the C++ files in place"
	@echo "make lint     check format, run clang-tidy"
	@echo "make bench    build and run the benchmarks"
	@echo "make fuzz     fuzz each parser of foreign bytes for FUZZ_SECONDS=60 each"
	@echo "make clean    remove build/ (keeps .deps/ and .cache/, which were fetched)"

build:
	@tools/build release

demo: build
	@tools/setup python
	@tools/demo

test:
	@tools/test

python:
	@tools/python

site: build
	@tools/site

format:
	@tools/setup test
	@tools/format --fix

lint:
	@tools/test format lint

install: build
	@cmake --install $(BUILD) --prefix "$(PREFIX)"

bench:
	@tools/bench

fuzz:
	@tools/fuzz $${FUZZ_SECONDS:-60}

clean:
	rm -rf build
