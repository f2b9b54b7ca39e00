# make demo: from a clone to a trained model and a picture of what it learnt.   make test: everything that is checked on every change.
SHELL := /bin/bash
.DEFAULT_GOAL := build
.PHONY: setup build docs test quick demo invariance bench chaos load simulation fuzz gpu-bundle clean
BENCHMARKS := tests/ClipDistributed.Benchmarks/bin/Release/net10.0/linux-x64/ClipDistributed.Benchmarks

setup:
	@eng/setup.sh

build: setup
	@eng/quiet.sh "build" dotnet build ClipDistributed.sln -c Release

# The pages of docs/ that are made: spec.md, from the comments of protos/clipdistributed/spec.
docs: setup
	@eng/quiet.sh "build" dotnet build src/ClipDistributed.Cli -c Release
	@bin/clipd spec explain --markdown > docs/spec.md

test: build
	@eng/test.sh

# No clusters, no real processes, no whole trainings, no simulation: under three minutes.
quick: build
	@eng/vulnerable.sh
	@eng/test.sh quick

demo: setup
	@eng/quiet.sh "build" dotnet build src/ClipDistributed.Replica -c Release
	@eng/quiet.sh "build" dotnet build src/ClipDistributed.Cli -c Release
	@eng/demo.sh

bench: build
	@$(BENCHMARKS)

invariance: build
	@$(BENCHMARKS) invariance bin/clipd

# About an hour; one part of it: make chaos PART="table 10 1 cut". CLIPD_S3RVER names s3rver of npm.
chaos: build
	@$(BENCHMARKS) chaos bin/clipd $(PART)

# A coordinator among 1,000 replicas, 100 hosts and 50 watchers: make load LOAD="120 1" measures 120 s of one run of them all.
load: build
	@$(BENCHMARKS) load bin/clipd $(LOAD)

# make simulation SEEDS=1000000 for a long run; SEED=17 shows all that happens with one.
simulation: build
ifdef SEED
	@$(BENCHMARKS) simulation replay $(SEED)
else
	@$(BENCHMARKS) simulation $(or $(SEEDS),10000)
	@$(BENCHMARKS) simulation hosts 1000
endif

# Mutated inputs of every kind, from a first seed: make fuzz SEED=1 INPUTS=1000 KIND=lists
fuzz: build
	@tests/ClipDistributed.Fuzz/bin/Release/net10.0/linux-x64/ClipDistributed.Fuzz $(or $(INPUTS),1000) $(or $(SEED),1) $(KIND)

# What the gpu commands need on a machine with a card and PyTorch but without .NET: bin/clipd-gpu.tar.xz.
gpu-bundle: build
	@eng/gpu-bundle.sh

clean:
	rm -rf bin src/*/bin src/*/obj tests/*/bin tests/*/obj
