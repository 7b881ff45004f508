# Everything that people and CI run. Versions of tools are pinned here.
GOLANGCI_LINT := v2.15.0
GOVULNCHECK   := v1.9.0
VERSION       := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
FUZZTIME      ?= 60s
TOOLS         := $(CURDIR)/.cache/bin
export PATH   := $(TOOLS):$(PATH)

.PHONY: build test demo demo-job smoke bench fuzz vuln lint fmt generate clean install-emulator

build: ## the program, into bin/
	go build -trimpath -ldflags "-X github.com/ourshare/ourshare/internal/cli.Version=$(VERSION)" -o bin/ourshare ./cmd/ourshare

test: install-emulator ## every test, those against LocalStack included
	@echo "make test: compiling the AWS clients and running every test (some minutes from cold caches)" >&2
	go vet ./...
	go test -race -timeout 40m ./cmd/... ./docs/... ./internal/...
	go test -timeout 40m ./internal/exposure ./internal/iampolicy ./test/examination -rapid.checks 500
	go test -timeout 40m ./test/...
	go test -race -timeout 40m -run 'TestExpectedVerdicts|TestOneCheckMakesItsCallsOnly|TestInterrupted' ./test/integration
	test/validators/run
	localstack/test

demo: build install-emulator ## LocalStack, a seeded account, a scan of it, and nothing left running
	scripts/demo

demo-job: build install-emulator ## the same account on two nights: a baseline, a change, a denied read, tickets
	scripts/demo-job

smoke: build ## a scan with whatever real credentials are there: counts and the ledger only
	scripts/smoke

bench: build install-emulator ## time, memory and API calls; prints figures for docs/benchmarks.md
	go run ./internal/tools/bench

fuzz: ## every property on ten times as many cases as usual, then every fuzz target for FUZZTIME
	go test -timeout 60m -run Test ./internal/exposure ./internal/iampolicy ./internal/history ./internal/tickets -rapid.checks 1000
	@grep -rlE '^func Fuzz' --include='*_test.go' internal | while read -r f; do \
		for t in $$(grep -oE '^func Fuzz[A-Za-z0-9]+' "$$f" | cut -d' ' -f2); do \
			echo "== $$t ($$f)"; \
			go test -run '^$$' -fuzz "^$$t$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$f")" || exit 1; \
		done; \
	done

install-emulator:
	@localstack/start --install-only

generate: ## docs/checks, docs/iam and the schema, from the catalogue
	go run ./internal/tools/gendocs

lint: $(TOOLS)/golangci-lint-$(GOLANGCI_LINT)
	$< run ./...

fmt: $(TOOLS)/golangci-lint-$(GOLANGCI_LINT)
	$< fmt ./...

$(TOOLS)/golangci-lint-$(GOLANGCI_LINT):
	@echo "make lint: building golangci-lint $(GOLANGCI_LINT) once (a minute or two)" >&2
	GOBIN=$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT)
	mv $(TOOLS)/golangci-lint $@

$(TOOLS)/govulncheck-$(GOVULNCHECK):
	GOBIN=$(TOOLS) go install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK)
	mv $(TOOLS)/govulncheck $@

vuln: $(TOOLS)/govulncheck-$(GOVULNCHECK)
	$< ./...

clean:
	rm -rf bin out .cache
