# Each command does all its own set-up on a bare Debian 12 (amd64): Debian packages, Python packages, configure, build.

setup := tools/dev/setup.sh
build := $(or $(QCC_BUILD),build)
python := $(build)/venv/bin/python

.PHONY: help build test demo models bench setup

help:
	@echo "make demo    compile a small image classifier in five number formats, run it, print a table"
	@echo "make test    build everything and run every test"
	@echo "make build   build everything"
	@echo "make models  make the large models of the tests in build/models (PyTorch, about 6 GB, for one of them)"
	@echo "make bench   compare speed with ONNX Runtime"
	@echo
	@echo "Each installs what it needs (apt-get, with sudo when not root). QCC_BUILD=DIR builds elsewhere."

setup:
	@$(setup) packages
	@$(setup) python
	@$(setup) configure

build: setup
	@$(setup) build

demo: setup
	@$(setup) build qcc QccPython
	@$(python) tools/demo/demo.py --build $(build)

test: build
	@$(python) tools/dev/run_tests.py --build $(build)

models: setup
	@$(setup) models
	@$(setup) models-torch

bench: build
	@$(setup) models
	@$(python) test/bench/bench.py --build $(build) --memory
