# What a developer runs. Everything that needs a peer (a browser, a mail server)
# starts it itself, on loopback, and stops it again.
SHELL       := bash
GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
FUZZTIME    ?= 30s
KILLS       ?= 1000
IORUNS      ?= 300
INPUTS      ?= 1000000
EVENTS      ?= 300
READERS     ?= 100000
FLEETEVENTS ?= 30
# SQLite syncs with fdatasync where the system has it, as distributions build it.
CGO_CFLAGS  ?= -O2 -g$(if $(filter Linux,$(shell uname -s)), -DHAVE_FDATASYNC)
CANIEMAIL   := caniemail@2.0.2

.PHONY: help test test-packages test-sends test-postgres check build demo tools bench crash fuzz walk caniemail

help:                ## list the targets
	@sed -n 's/^\([a-z-]*\): *## /  make \1\t/p; s/^\([a-z-]*\):  *\([a-z ]*\)## /  make \1\t/p' Makefile | expand -t 20

build: export CGO_CFLAGS := $(CGO_CFLAGS)
build:               ## build bin/digest
	$(GO) build -trimpath -o bin/digest ./cmd/digest

demo:                ## the whole job in one go
	$(GO) run ./cmd/digest demo

tools:               ## install what the tests need, where this machine lets us
	@.ci/tools

test: tools          ## install what the tests need, run everything, name what is left out
	@$(MAKE) --no-print-directory -j2 test-packages test-sends

# The packages that take longest come first: else one of them is left over at the end.
# More tests run at a time than there are cores, because many wait: for servers that
# start, crash or are promoted, for leases that run out.
LONGEST := ./internal/store/postgres ./internal/delivery ./internal/render ./internal/web ./cmd/digest ./test/peers ./internal/workbench
CORES    := $(shell getconf _NPROCESSORS_ONLN)
BESIDE   ?= -p $(shell expr $(CORES) + 1) -parallel $(shell expr $(CORES) \* 2)

test-packages:
	@set -o pipefail; $(GO) test -json $(BESIDE) -timeout 20m $(LONGEST) ./... | $(GO) run ./test/leftout

test-sends:
	@CRASH_KILLS=8 DIGEST_TEST_STORE=15 $(GO) test $(BESIDE) -timeout 20m ./internal/delivery -run '$(SHORT)'

# Of the suites of a send, what takes less than a minute on PostgreSQL.
SHORT := SendsToEverybodyOnce|OneSenderAtATime|LostLease|InMidSend|Restored|Gaps|Crash$$|CrashInTheFirstPart|SessionLimit|StayWaits|ResendFailed|Breaker|NoCommit|Rate$$

test-postgres:       ## all the suites of a send, on PostgreSQL 15
	DIGEST_TEST_STORE=15 $(GO) test -timeout 60m ./internal/delivery -skip SeveralSenders

check:               ## gofmt, vet, staticcheck, govulncheck, race tests in random order
	@out=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$out" ]; then echo "not gofmt-ed:"; echo "$$out"; exit 1; fi
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	@.ci/vulncheck $(GO) $(GOVULNCHECK)
	$(GO) test -race -shuffle=on -timeout 40m ./...

fuzz:                ## every fuzz target for FUZZTIME each, then INPUTS mangled mails
	@.ci/fuzz $(FUZZTIME)
	INBOUND_INPUTS=$(INPUTS) $(GO) test ./internal/inbound -run MangledMails -count=1 -v -timeout 6h

walk:                ## an empty machine by docs/operating.md alone to a delivered digest, and what comes back (root; systemd-container, nginx)
	WALK=1 $(GO) test ./test/walk -count=1 -v -timeout 30m

caniemail:           ## renew the data on what mail clients support, internal/check/caniemail
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	npm pack --silent --ignore-scripts --pack-destination "$$dir" $(CANIEMAIL) >/dev/null && \
	tar -xzf "$$dir"/*.tgz -C "$$dir" && \
	python3 internal/check/caniemail/renew.py "$$(find "$$dir/package" -name 'caniemail.json' -o -name 'data.json' | head -1)" >"$$dir/new.json" && \
	cp "$$dir/new.json" internal/check/caniemail/data.json && \
	git --no-pager diff --stat -- internal/check/caniemail/data.json

bench: export CGO_CFLAGS := $(CGO_CFLAGS)
bench:               ## the whole send against smtp-source and go-mail in one run: ratios
	$(GO) test ./test/bench -run '^$$' -bench 'Send|Connections|DKIM|Latency|Topics|Subscribe|Freeze|Intents|Claim' -benchtime 1x -timeout 60m
	$(GO) test ./internal/mailer -run '^$$' -bench Send -benchtime 5000x

crash:               ## KILLS random kill -9 of a sender, then failing disks; ledger against database
	CRASH_KILLS=$(KILLS) $(GO) test ./internal/delivery -run 'Crash|Kill' -v -count=1 -timeout 6h
	CRASH_KILLS=$(KILLS) DIGEST_TEST_STORE=15 $(GO) test ./internal/delivery -run 'Crash$$|CrashIn' -v -count=1 -timeout 6h
	NODES_EVENTS=$(EVENTS) $(GO) test ./internal/delivery -run SeveralSenders -v -count=1 -timeout 6h
	FLEET_READERS=$(READERS) FLEET_EVENTS=$(FLEETEVENTS) $(GO) test ./test/fleet -run '^$$' -bench Fleet -benchtime 1x -timeout 6h
	IO_RUNS=$(IORUNS) $(GO) test ./internal/delivery -run 'IOErrors|ReadOnly' -v -count=1 -timeout 6h
