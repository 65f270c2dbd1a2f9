# SPDX-License-Identifier: Apache-2.0
#
# Watertight.  On a fresh Debian 12 with make:
#
#	make demo	build, simulate a fleet with three implants, find them
#	make test	build with sanitizers, run every test
#
# Both install what is missing first (tools/setup).  Also: make, make lint,
# make truth, make conformance, make bench, make power, make fleets, make limits,
# make coverage, make fuzz, make install, make clean.
# V=1 shows the commands.

MODE	?= release
B	:= build/$(MODE)
CC	?= cc
PREFIX	?= /usr/local
VERSION	:= 0.1.0

CFLAGS_release	:= -O2 -g
CFLAGS_test	:= -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
		   -fno-sanitize-recover=all
CFLAGS_coverage	:= -O0 -g --coverage
CFLAGS_fuzz	:= -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,fuzzer-no-link \
		   -fno-sanitize-recover=all
WARN	:= -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	   -Wmissing-prototypes -Wvla -Wpointer-arith -Wwrite-strings -Werror
CFLAGS	?=
ALL_CFLAGS := -std=c17 -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Isrc -Itest -MMD -MP $(WARN) \
	   $(CFLAGS_$(MODE)) -fstack-protector-strong -fPIE -pthread $(CFLAGS)
LDLIBS	:= -ljansson -lz -lzstd -llzma -llz4 -lcrypto -lpsl -lm

# A new file in src/ or test/ needs no line here.
SRC	:= $(filter-out src/cmd/main.c,$(wildcard src/*/*.c))
OBJ	:= $(SRC:%.c=$B/%.o) $B/catalogue/services.o
LIB	:= $B/libwatertight.a
TESTS	:= $(patsubst test/unit/%.c,$B/test/%,$(wildcard test/unit/test_*.c))
EVASION	:= $(patsubst %.c,$B/%.o,$(wildcard test/evasion/*.c))
FUZZ	:= $(patsubst test/fuzz/%.c,$B/fuzz/%,$(wildcard test/fuzz/fuzz_*.c))

ifneq ($V,1)
Q	:= @
say	= @printf '  %-6s%s\n' $1 $2
endif

.PHONY: FORCE all demo test run-tests lint truth conformance bench power calibration fleets \
	limits coverage coverage-programs fuzz install clean setup
all: $B/watertight

demo: setup
	$Q$(MAKE) --no-print-directory all
	$Qtools/demo $B/watertight

test: setup
	$Q$(MAKE) --no-print-directory MODE=test run-tests

run-tests: $(TESTS) $(FUZZ) $B/watertight $B/evade
	$Qtools/run-tests $B

setup:
	$Qtools/setup

$B/watertight: $B/src/cmd/main.o $(LIB)
	$(call say,LD,$@)
	$Q$(CC) $(ALL_CFLAGS) -pie $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(LIB): $(OBJ)
	$(call say,AR,$@)
	$Qrm -f $@ && $(AR) rcsT $@ $^

$B/test/%: $B/test/unit/%.o $(LIB)
	$(call say,LD,$@)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) -lcmocka $(LDLIBS)

$B/bench/%: $B/bench/%.o $(LIB)
	$(call say,LD,$@)
	$Q$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LDLIBS)

# A fuzz target replays files with its own main, or runs under libFuzzer with MODE=fuzz.
ifeq ($(MODE),fuzz)
$B/fuzz/%: $B/test/fuzz/%.o $(LIB)
	$(call say,LD,$@)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $< $(LIB) $(LDLIBS)
else
$B/fuzz/%: $B/test/fuzz/%.o $B/test/fuzz/replay.o $(LIB)
	$(call say,LD,$@)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $B/test/fuzz/replay.o $(LIB) $(LDLIBS)
endif

# Pairs of captures that tell the same story, see test/cmd/evasion.sh.
$B/evade: $(EVASION) $(LIB)
	$(call say,LD,$@)
	$Q$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(EVASION) $(LIB) $(LDLIBS)

truth: $B/watertight $B/truth/dump_calls
	$Qtools/truth $B

$B/truth/%: $B/test/truth/%.o $(LIB)
	$(call say,LD,$@)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LDLIBS)

# Agreement with other programs on other people's captures.
conformance: $B/conformance/wire_dump $B/conformance/talk_dump
	$Qtools/conformance $B

$B/conformance/talk_dump: $B/test/conformance/messages.o
$B/conformance/%: $B/test/conformance/%.o $(LIB)
	$(call say,LD,$@)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LDLIBS)

bench: $B/watertight $B/bench/rounds $B/bench/bench_timing
	$Qtools/bench $B

# How many timers are found, and how many that are none; ARGS=--full for all of it.
power: $B/bench/power
	$Q$B/bench/power $(ARGS)

# What the channels of src/stat make of the benign mix: commit what it writes.
calibration: $B/bench/calibrate
	$Q$B/bench/calibrate $(ARGS) >$B/calibration_table.h
	$Qmv $B/calibration_table.h src/stat/

$B/bench/%: $B/bench/%.o $(LIB)
	$(call say,LD,$@)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LDLIBS)

# Hard implants in simulated fleets: FLEETS='--days 14 401 402' changes what is run.
fleets: $B/watertight
	$Qbench/fleets $B/watertight $(FLEETS)

# What an adversary can make it cost, in time and in memory: a few minutes.
limits: $B/limits/slopes $B/limits/floods $B/limits/scale
	$Q$B/limits/slopes
	$Q$B/limits/floods
	$Q$B/limits/scale

$B/limits/slopes: $(patsubst %,$B/test/limits/%.o,tables messages files)
$B/limits/%: $B/test/limits/%.o $(LIB)
	$(call say,LD,$@)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIB) $(LDLIBS)

coverage: setup
	$Qtools/coverage

coverage-programs: $(TESTS) $(FUZZ) $B/watertight $B/evade

fuzz:
	$Qtools/fuzz

# Rebuild everything when the compiler or a flag changes.
$B/flags: FORCE
	$Qmkdir -p $B; echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS)' > $@

# The catalogue of ordinary services goes into the program as it stands.
$B/catalogue/services.c: catalogue/services.conf
	$(call say,GEN,$@)
	$Qmkdir -p $(@D)
	$Q{ echo '#include "intel/catalogue.h"'; echo 'const char catalogue_built_in[] = {'; \
		od -An -v -t d1 $< | sed 's/  */, /g; s/^, //; s/$$/,/'; echo '0};'; } >$@

$B/catalogue/services.o: $B/catalogue/services.c $B/flags
	$(call say,CC,$<)
	$Q$(CC) $(ALL_CFLAGS) -c -o $@ $<

$B/%.o: %.c $B/flags
	$(call say,CC,$<)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) -c -o $@ $<

lint:
	$Qtools/lint

install: all
	install -D -m 755 $B/watertight $(DESTDIR)$(PREFIX)/bin/watertight
	install -D -m 644 catalogue/services.conf $(DESTDIR)$(PREFIX)/share/watertight/services.conf
	install -D -m 644 docs/watertight.1 $(DESTDIR)$(PREFIX)/share/man/man1/watertight.1

clean:
	rm -rf build

.SECONDARY:
-include $(shell find $B -name '*.d' 2>/dev/null)
