# Makefile - the front door; CMake and Ninja do the work (CMakePresets.json). `make help` lists what there is.
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS_EACH ?= 60
TARGETS ?=
BENCH_ARGS ?=
# Compile through ccache where it is installed; CMake reads this variable when it configures.
export CMAKE_C_COMPILER_LAUNCHER ?= $(shell command -v ccache)

.PHONY: build help demo test lint format coverage fuzz bench install package setup clean
.DEFAULT_GOAL := build

help:          ## list these targets
	@sed -n 's/^\([a-z]*\):[^#]*## */  make \1\t/p' Makefile | expand -t 20

build:         ## the program, build/release/notebooked
	@scripts/setup.sh build
	@scripts/build.sh release

demo: build    ## convert, train, serve and predict on examples/
	@scripts/setup.sh demo
	@scripts/demo.sh

test:          ## every test, with what they need; ends in "N passed, N failed"
	@scripts/setup.sh test
	@scripts/test.sh

lint:          ## formatting, clang-tidy, cppcheck, rooms, scripts
	@scripts/setup.sh test
	@scripts/build.sh debug
	@scripts/lint.sh

format:        ## rewrite the C sources with clang-format
	@git ls-files -z '*.c' '*.h' | xargs -0 clang-format-14 -i

coverage:      ## lines that the unit and command-line tests reach, build/coverage/report.html
	@scripts/setup.sh test
	@scripts/coverage.sh

fuzz:          ## every fuzz target (or TARGETS="json yaml") for SECONDS_EACH=60
	@scripts/setup.sh test
	@scripts/build.sh fuzz
	@scripts/fuzz.sh $(SECONDS_EACH) $(TARGETS)

bench: build   ## measure what the README promises; prints a table
	@scripts/setup.sh bench
	@bench/run.py $(BENCH_ARGS)

install: build ## install below PREFIX=/usr/local (DESTDIR is honoured)
	@DESTDIR="$(DESTDIR)" cmake --install build/release --strip --prefix "$(PREFIX)"

package: build ## a Debian package, build/release/*.deb
	@cd build/release && cpack -G DEB

setup:         ## install what building and testing need
	@scripts/setup.sh test

clean:         ## remove everything that was built
	@rm -rf build
