# Every target works from a clean clone. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PREFIX ?= /usr/local
DESTDIR ?=
# What `make build` left.
BINARIES ?= .build/release
# Undoes an interrupted transaction at boot; in force from the next boot on.
RECOVER = $(PREFIX)/lib/systemd/system/qtctl-recover.service
PRODUCTS := qtctl quantum-ai-strategy-router quantum-execution
# A release binary needs nothing of the toolchain, and carries a build id by which it can be told apart.
RELEASE := -c release --static-swift-stdlib -Xlinker --build-id=sha1 -Xlinker -s
BIN = $$(swift build $(RELEASE) --show-bin-path)
# Of `make matrix`: a number of points, spread over all, or a part of them, 2/4 the second of four.
POINTS ?= full
# Of `make chaos`: one seed or several, and the options of quantum-chaos, which CHAOS=--help lists.
SEED ?= 1
COUNT ?= 20000
DURATION ?= 120
# Of `make bench-memory`: decisions that wait.
BACKLOG ?= 1000000
CHAOS ?= --count $(COUNT) --duration $(DURATION)

.PHONY: help setup build test test-fast checks matrix fuzz chaos proof demo captures bench bench-bus bench-orders bench-memory bench-verify lint \
  shape messages format package install uninstall clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the packages that building and testing need (Debian packages; needs root if any is missing)
	@.ci/setup

build: ## build the release binaries: qtctl and the two services
	@for product in $(PRODUCTS); do swift build $(RELEASE) --product "$$product"; done

test: setup build ## run all tests, on real systemd and real Redis (needs root)
	@.ci/test

# Needs root and Redis; no throwaway machine is booted.
FAST := Basics|Redis|Trading|Deployment|FileOperations|EventBus|StrategyRouter|Execution|Preflight|Transactions|HTMLReport|Presentation|Messages
test-fast: ## run the tests that need no throwaway machine: under two minutes after a build
	@swift build --build-tests
	@swift test --skip-build --disable-xctest --no-parallel --filter '^($(FAST))Tests\.' --skip FuzzTests

checks: setup ## break one thing at a time on real services and see that one check fails (needs root)
	@swift test --disable-xctest --filter ChecksOnRealServices

matrix: setup build ## kill and fault matrix: every call that changes something, or POINTS of each: a number, or a part as 2/4 (needs root; all take hours)
	@QTCTL_MATRIX=$(POINTS) swift test --disable-xctest --filter MatrixTests

fuzz: ## read mutated input of every kind, QTCTL_FUZZ_SECONDS (600) each, from QTCTL_FUZZ_SEED (needs root and Redis)
	@QTCTL_FUZZ_SECONDS=$${QTCTL_FUZZ_SECONDS:-600} swift test --disable-xctest --no-parallel --filter FuzzTests

bench-verify: setup ## measure how long verify looks at a stream of ten million entries (needs Redis, and a gigabyte)
	@QTCTL_BENCH=1 swift test --disable-xctest --no-parallel --filter 'millionsOfEntries' 2>&1 | \
	  grep -E 'entries: |✘|Test run with'

chaos: setup build ## kill, pause and cut off services and Redis under load, and prove that each order came out once
	@for product in quantum-venue quantum-chaos; do swift build $(RELEASE) --product "$$product"; done
	@for seed in $(SEED); do "$(BIN)/quantum-chaos" --seed "$$seed" $(CHAOS); done

# Of `make bench`: the options of quantum-bench, which BENCH=--help lists; --full for the sizes of the issue.
BENCH ?=
bench: setup build ## measure everything beside what others would use; writes docs/performance.md (needs root, and network for the others)
	@for product in quantum-c-router quantum-bench-service quantum-bench; do \
	  swift build $(RELEASE) --product "$$product"; done
	@"$(BIN)/quantum-bench" $(BENCH)

bench-bus: setup build ## measure the routers ROUTER="OLD NEW" of two builds in turn; make bench BENCH="--only router" for others beside
	@swift build $(RELEASE) --product quantum-bus-bench
	@"$(BIN)/quantum-bus-bench" $(foreach program,$(ROUTER),--router "$(program)")

bench-orders: setup build ## measure how many orders a second execution makes, with appendfsync everysec and always
	@swift build $(RELEASE) --product quantum-bus-bench
	@"$(BIN)/quantum-bus-bench" --orders 20000 --rounds 5

bench-memory: setup build ## measure what a paper trade costs in Redis, and the services over a backlog of BACKLOG (1000000)
	@swift build $(RELEASE) --product quantum-bus-bench
	@"$(BIN)/quantum-bus-bench" --trades 10000
	@"$(BIN)/quantum-bus-bench" --backlog $(BACKLOG)

proof: setup ## prove on running services that a decision sent twice comes out once (SYMBOL, ROUNDS, REDIS, LOG)
	@swift build $(RELEASE) --product quantum-proof
	@"$(BIN)/quantum-proof" $(if $(SYMBOL),--symbol "$(SYMBOL)") $(if $(PRICE),--price "$(PRICE)") \
	  $(if $(ROUNDS),--rounds "$(ROUNDS)") $(if $(REDIS),--redis "$(REDIS)") $(foreach file,$(LOG),--log "$(file)")

demo: setup build ## show a deploy, a proof and a rollback in a throwaway machine (needs root)
	@swift build $(RELEASE) --product quantum-demo
	@"$(BIN)/quantum-demo"

captures: setup build ## write what a terminal shows of the commands, at two widths, to docs/captures (needs root)
	@swift build $(RELEASE) --product quantum-captures
	@"$(BIN)/quantum-captures"

lint: shape ## check format, shell files, shape, messages, what could trap on data, and the Ansible collection
	@swift format lint --strict --parallel --recursive Sources Programs Benchmarks Tests Package.swift
	@grep -rlE '^#!/bin/(ba)?sh|^#!/usr/bin/env (ba)?sh' .ci packaging Sources Programs Benchmarks Tests | xargs shellcheck
	@.ci/messages --check
	@.ci/traps
	@.ci/ansible

shape: ## check sizes, imports and the graph of targets against docs/architecture.md
	@.ci/shape

messages: ## write every help text and message to docs/messages.md
	@swift build --product qtctl
	@.ci/messages "$$(swift build --show-bin-path)/qtctl"

format: ## format the Swift files
	@swift format format --in-place --parallel --recursive Sources Programs Benchmarks Tests Package.swift

package: setup build ## make the Debian package, the archive for other distributions and the Ansible collection in .build/packages
	@packaging/package "$(BINARIES)" .build/packages
	@packaging/collection "$$("$(BINARIES)/qtctl" --version | cut -d' ' -f2)" .build/packages

install: ## install qtctl, its boot unit, manual, completions and services under $(DESTDIR)$(PREFIX); needs no Swift after make build
	@packaging/stage "$(BINARIES)" "$(PREFIX)" "$(DESTDIR)"

uninstall: ## remove what install put there
	@rm -f "$(DESTDIR)$(PREFIX)/bin/qtctl" "$(DESTDIR)$(RECOVER)" \
	  "$(DESTDIR)$(dir $(RECOVER))basic.target.wants/qtctl-recover.service" \
	  "$(DESTDIR)$(PREFIX)/share/bash-completion/completions/qtctl" \
	  "$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_qtctl" \
	  "$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/qtctl.fish" \
	  "$(DESTDIR)$(PREFIX)/lib/systemd/catalog/qtctl.catalog" \
	  "$(DESTDIR)$(PREFIX)"/share/man/man1/qtctl.1 "$(DESTDIR)$(PREFIX)"/share/man/man1/qtctl-*.1
	@rm -rf "$(DESTDIR)$(PREFIX)/lib/qtctl" "$(DESTDIR)$(PREFIX)/share/qtctl"

clean: ## remove what was built
	@rm -rf .build
