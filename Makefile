# The tests fetch what they need (mongod) and say so when they cannot.
GO ?= go
FUZZTIME ?= 10s
BENCHTIME ?= 1s

.PHONY: help test check readme lint contract run bench fuzz bench-http vet-bench

help: ## print this
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/'

# Tests keep their files (databases, photos) in memory where there is enough of it. What is built stays on the disk.
MEMORY := $(shell [ -w /dev/shm ] && [ "$$(df -Pk /dev/shm | awk 'NR == 2 { print $$4 }')" -gt 4000000 ] && echo /dev/shm)
ifneq ($(MEMORY),)
test check readme: export GOTMPDIR := $(or $(TMPDIR),/tmp)
test check readme: export TMPDIR := $(MEMORY)
endif

# Garbage is collected seldom: collecting it took a fifth of the time.
test check: export GOGC := 400

# SQLite itself and the C library below it, C translated to Go, are the two packages that the race detector does not watch:
# that took most of the time of tests. What we hand to SQLite and get back passes through its driver, which is watched, as
# is all of our own code. Only packages without generic functions that others use may be left out, since one that is not
# watched could be linked in place of one that is; these two have none but those of os's reader of directories.
RACE := -race -gcflags='modernc.org/...=-d=checkptr=0' \
	$(foreach p,modernc.org/sqlite/lib modernc.org/libc,-gcflags='$(p)=-race=false -d=checkptr=0')

# A test binary that ends waits no second for races of the goroutines that it leaves behind: tests leave none.
test: export GORACE := atexit_sleep_ms=0

# What only calculates, or tries many cases one after the other, takes five to ten times as long under the race detector,
# which has nothing to find in one goroutine. These run without it, all others with it: each test runs once. What they try
# many times runs under it too, in smaller tests; of the demonstration cmd/wangge fills a small one, on both engines.
MANY := TestTessellate(Suzhou|FollowsDensity|Shapes)|TestLocatePartition|TestDatumRoundTrip|TestCheckOverlapsScale|TestTSPLIB[A-Za-z]*$\
	|TestFindIs[A-Za-z]*|TestRouteTellsWhatItsOrderCosts|TestSearchReachesTheBest|TestTilesShowTheCoverage|TestGraphStaysACoverage|TestPasses$\
	|TestRoundCrossesNothing|TestLaws|TestBadWorkbooks|TestTimeIsUp|TestPictureIsScaledDownNeverUp|TestEveryOrientationIsTurnedUpright$\
	|TestLists|TestListsByPairs|TestListsAgainstALookAtAll|TestPages|TestNothingTooBroad|TestSearchForFewOfMany|TestTicketFilters$\
	|TestOGCTicketsByWhoAsks|TestImportManyCells|TestMergedVisitsUndone|TestTextDoesNotGrow|TestFill[A-Za-z]*|TestCellsAreCut
THOSE_OF_MANY = $$(grep -rlE '^func ($(MANY))\(' --include='*_test.go' . | xargs -n 1 dirname | sort -u)

# Packages wait for elections and for other processes: one more of them than there are processors keeps these busy. Those
# that wait and take longest begin first.
BESIDE := -p $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
LONGEST := ./store/mongodb ./handlers ./cmd/wangge ./store/jobs

test: ## run all tests, with the race detector where there is something to find, on both engines
	@sh scripts/get-mongod.sh >/dev/null || [ "$$CI" != true ]
	@[ "$$CI" != true ] || sh scripts/get-map-clients.sh
	$(GO) test $(RACE) $(BESIDE) -vet=off -timeout 2h -skip '^($(MANY))$$' $$($(GO) list $(LONGEST) ./...)
	$(GO) test $(BESIDE) -vet=off -timeout 2h -run '^($(MANY))$$' $(THOSE_OF_MANY)

check: ## the tests for daily work: on SQLite, without the race detector and the whole demonstration
	$(GO) test $(BESIDE) -short -vet=off $$($(GO) list ./... | grep -v /demo$$)

readme: ## run every command of the README against a fresh demonstration and compare what it prints
	@GO=$(GO) scripts/readme.sh

lint: ## gofmt, vet, staticcheck
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'run gofmt -w'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

contract: ## bundle openapi.yaml from its parts in handlers/openapi
	$(GO) run ./handlers/openapi

run: ## serve the demonstration on 127.0.0.1:8080
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
