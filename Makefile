# The tests fetch what they need (mongod) and say so when they cannot.
GO ?= go
FUZZTIME ?= 10s
BENCHTIME ?= 1s

.PHONY: help test check readme lint contract console run bench fuzz bench-http vet-bench

help: ## print this
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

# Tests keep their files (databases, photos) in memory where there is enough of it. What is built stays on the disk.
MEMORY := $(shell [ -w /dev/shm ] && [ "$$(df -Pk /dev/shm | awk 'NR == 2 { print $$4 }')" -gt 4000000 ] && echo /dev/shm)
ifneq ($(MEMORY),)
test check readme: export GOTMPDIR := $(or $(TMPDIR),/tmp)
test check readme: export TMPDIR := $(MEMORY)
endif

# Garbage is collected seldom: collecting it took a fifth of the time.
test test-race test-plain check: export GOGC := 400
lint: export GOGC := 200

# SQLite itself, the C library below it and its allocator, C translated to Go, are what the race detector does not watch:
# that took most of the time of tests. What we hand to SQLite and get back passes through its driver, which is watched, as
# is all of our own code. Nor does it watch what hashes passwords, which takes three times as long under it. Only packages
# without generic functions that others use may be left out, since one that is not watched could be linked in place of one
# that is; these have none but those of os's reader of directories.
RACE := -race -gcflags='modernc.org/...=-d=checkptr=0' \
	$(foreach p,modernc.org/sqlite/lib modernc.org/libc modernc.org/memory,-gcflags='$(p)=-race=false -d=checkptr=0') \
	$(foreach p,golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b,-gcflags='$(p)=-race=false')

# A test binary that ends waits no second for races of the goroutines that it leaves behind: tests leave none.
test: export GORACE := atexit_sleep_ms=0

# The race detector watches whole packages where the code itself works with several goroutines. Of all others every test
# runs without it, three to ten times as fast, and it watches, on SQLite, those whose file starts goroutines or has them
# started: in one goroutine there is nothing to find.
WATCHED := ./store/... ./notifications/... ./cmd/... ./geo/... ./handlers/web
BESIDES := find . -name '*_test.go' $(foreach w,$(patsubst %/...,%,$(WATCHED)),! -path '$(w)/*') | xargs grep -lE \
	'(^|[[:space:]])go (func|[a-z][A-Za-z.]*)\(|\.Go\(|\.follow\(|TakeActions\(|/v1/tickets/transitions'

# Of what would be watched, that which only calculates, or tries many cases one after the other, runs without it alone; of
# the demonstration cmd/wangge fills a small one, on both engines. So does the burst, whose servers are processes that are
# killed: TestDemoOnBothEngines has several work at one that is watched.
MANY := TestTessellate(Suzhou|FollowsDensity|Shapes)|TestLocatePartition|TestDatumRoundTrip|TestCheckOverlapsScale|TestTSPLIB[A-Za-z]*\
	|TestFindIs[A-Za-z]*|TestRouteTellsWhatItsOrderCosts|TestSearchReachesTheBest|TestTilesShowTheCoverage|TestGraphStaysACoverage|TestPasses\
	|TestRoundCrossesNothing|TestTextDoesNotGrow|TestReceiversKnowHowThingsStand|TestFill[A-Za-z]*|TestCellsAreCut|TestBurstWithKills\
	|TestEveryRouteForEveryRole|TestSentAgainAfterACrash|TestTagsAgree|TestStationsDoNotLearnOfOneAnother|TestLinksAgree|TestImport(ManyCellsAtOnce|RealEditions)
MANY := $(subst $() $(),,$(MANY))

# Packages wait for elections and for other processes. So two run beside those of the other half, and those that take
# longest begin first.
HALF := -p $(shell expr $$(getconf _NPROCESSORS_ONLN) / 2 + 1) -vet=off -timeout 2h

test: ## run all tests on both engines, with the race detector where there is something to find
	@sh scripts/get-mongod.sh >/dev/null || [ "$$CI" != true ]
	@[ "$$CI" != true ] || sh scripts/get-map-clients.sh
	@$(MAKE) --no-print-directory -j 3 -k test-race test-plain test-console

.PHONY: test-race test-plain test-console
test-race:
	$(GO) test $(RACE) $(HALF) -skip '^($(MANY))$$' ./store/mongodb ./cmd/wangge $$($(GO) list $(WATCHED) | grep -vE '/(mongodb|cmd/wangge)$$')
	@set -e; files=$$($(BESIDES)); names=$$(grep -hoE '^func Test[A-Za-z0-9_]+' $$files | cut -d ' ' -f 2 | grep -vxE '$(MANY)' | paste -sd '|' -); \
	$(GO) test $(RACE) $(HALF) -run "^($$names)\$$" -skip '/^mongodb$$' $$(dirname $$files | sort -u)

test-plain:
	$(GO) test $(HALF) ./handlers ./domain/ticket $$($(GO) list ./... | grep -vxF "$$($(GO) list ./handlers ./domain/ticket $(WATCHED))")
	$(GO) test $(HALF) -run '^($(MANY))$$' $$(grep -rlE '^func ($(MANY))\(' --include='*_test.go' $(patsubst %/...,%,$(WATCHED)) | xargs -n 1 dirname | sort -u)

# The browser's tests use the program and the pages as they are built here.
test-console: console
	@if [ ! -e web/built/stamp ]; then echo 'The tests in a browser are skipped: the console is not built.'; \
	elif [ "$$CI" = true ] || sh scripts/get-chromium.sh there >/dev/null; then cd web/console && GO=$(GO) npm --silent test; \
	else echo 'The tests in a browser are skipped: scripts/get-chromium.sh gets Chromium.'; fi

check: ## the tests for daily work: on SQLite, without the race detector and the whole demonstration
	$(GO) test -p $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) -short -vet=off $$($(GO) list ./... | grep -v /demo$$)

readme: ## run every command of the README against a fresh demonstration and compare what it prints
	@GO=$(GO) scripts/readme.sh

lint: ## gofmt, vet, staticcheck
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

contract: ## bundle openapi.yaml from its parts in handlers/openapi
	$(GO) run ./handlers/openapi

# The pages are built when their sources or the contract have changed, where Node is. Without it the program does without
# them, and says so in their place.
PAGES := $(shell find web/console web/docs -type f ! -path '*/node_modules/*' ! -name schema.d.ts) openapi.yaml
NODE := $(shell command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' && echo there)

console: $(if $(NODE),web/built/stamp,no-node) ## build the pages that browsers are served: the console, the public map, the contract's

.PHONY: no-node
no-node:
	@echo 'The console is not built: that takes Node 20.19 or later, and npm. The API does without.' >&2
	@[ "$$CI" != true ]

web/console/node_modules/.package-lock.json: web/console/package-lock.json
	cd web/console && npm ci --no-audit --no-fund
	@touch $@

web/built/stamp: web/console/node_modules/.package-lock.json $(PAGES)
	cd web/console && npm run build
	@touch $@

run: console ## build the console where Node is, and serve the demonstration on 127.0.0.1:8080
	$(GO) run ./cmd/wangge serve --demo

bench: ## run every benchmark, beside its peer
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) ./...

# The bench is a module of its own, so that its peers never enter go.mod; it takes a minute to compile the first time and is not part of make lint.
bench-http: ## drive the program over HTTP beside its peers; BENCH=quick for a short form, or any flags: BENCH='-engines sqlite -requests report'
	cd bench && $(GO) build -o bin/bench . && exec bin/bench $(if $(filter quick,$(BENCH)),-quick,$(BENCH))

vet-bench: ## vet the module of make bench-http
	cd bench && $(GO) vet ./...

fuzz: ## run every fuzz target for FUZZTIME
	@set -e; packages=$$($(GO) list ./...); for p in $$packages; do \
		targets=$$($(GO) test -list '^Fuzz' $$p); \
		for f in $$(echo "$$targets" | grep '^Fuzz'); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$p; \
		done; \
	done
