# SPDX-License-Identifier: GPL-2.0-only
# make            ./slubnode-trace
# make static     build/static/slubnode-trace: runs where nothing is installed
# make demo       a kernel in a VM takes a node's memory away and brings it back
# make verdict    KERNEL=bzImage: what this kernel does, and the exit status of `check'
# make test       unit, command line and VM tests
# make install    with PREFIX and DESTDIR; also: deps, soak, format, clean

VERSION := 0.1.0
CLANG ?= clang
BPFTOOL ?= $(shell PATH="$$PATH:/usr/sbin:/sbin" command -v bpftool)
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
B := build

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n' $(1) $(2) >&2
endif

# Without warnings, under these:
WARNINGS := -Wall -Wextra -Wformat-signedness
BPF_CFLAGS := -g -O2 -Wall -Wextra -target bpf -mcpu=v2 -D__TARGET_ARCH_x86 -iquote . $(BPF_WERROR)
# Headers are included by path; <bpf/...> stays libbpf's.
INCLUDES := -iquote src -iquote . -iquote $(B)
ALL_CFLAGS = $(CFLAGS) $(WARNINGS) -std=gnu11 -D_GNU_SOURCE $(INCLUDES) $(CPPFLAGS)
LIBS := -lbpf -ldw -lelf -lz -ljansson -lcap -lm
# What they want in turn.
STATIC_LIBS := $(LIBS) $(shell pkg-config --static --libs-only-l libdw libelf 2>/dev/null)

# Each file after those that it uses: libbpf's linker (1.1) misplaces a map that is declared
# before it is defined.
BPF_OBJECTS := $(patsubst %,$(B)/%.bpf.o,kernel record freed caches lifetime readers watchpoint canary walk)
OBJECTS := $(patsubst src/%.c,$(B)/%.o,$(wildcard src/*/*.c))

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all static deps demo verdict verdict-run test test-unit test-cli test-vm soak install uninstall format clean
.DEFAULT_GOAL := all

all: slubnode-trace
static: $(B)/static/slubnode-trace

slubnode-trace: $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/static/slubnode-trace: $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -static -Wl,--wrap=dlopen -o $@ $^ $(STATIC_LIBS)

$(B)/%.o: src/%.c $(B)/version.h $(B)/slubnode.skel.h Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.bpf.o: bpf/%.bpf.c Makefile | $(B)
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/slubnode.bpf.o: $(BPF_OBJECTS)
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(B)/slubnode.skel.h: $(B)/slubnode.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name slubnode > $@

$(B)/version.h: Makefile | $(B)
	$(Q)printf '#define SLUBNODE_VERSION "%s"\n#define SLUBNODE_CLANG "%s"\n' '$(VERSION)' \
		"$$($(CLANG) --version | head -n 1)" > $@

$(B):
	$(Q)mkdir -p $@

-include $(wildcard $(B)/*.d $(B)/*/*.d)

# What is missing of Debian's packages. Its chatter goes to standard error.
deps:
	$(Q)tests/deps >&2

KERNEL ?= 6.12
FORMAT ?= text
demo: deps
	$(Q)$(MAKE) --no-print-directory static >&2
	$(Q)lab/run --kernel '$(KERNEL)' lab/demo.sh '$(FORMAT)'

# What a kernel of yours does, judged by `check' in a VM: words on standard error,
# TAP on standard output, and the exit status of `check'. CHECK: options for it.
CHECK ?=
verdict: verdict-run
	$(Q)$(if $(findstring n,$(firstword -$(MAKEFLAGS))),,$(make-exit $(shell cat $(B)/verdict.status)))exit "$$(cat $(B)/verdict.status)"

verdict-run: deps
	$(Q)rm -f $(B)/verdict.status
	$(Q)$(MAKE) --no-print-directory static >&2
	$(Q)lab/check-kernel '$(KERNEL)' $(CHECK); echo $$? >$(B)/verdict.status

# Loaded into make, for the exit status; where that cannot be, it is 2 when not 0.
ifneq ($(and $(filter verdict,$(MAKECMDGOALS)),$(filter load,$(.FEATURES))),)
-load $(B)/exit.so
$(B)/exit.so: tests/make-exit.c | $(B)
	$(Q)$(CC) -shared -fPIC -o $@ $<
endif

test: deps
	$(Q)$(MAKE) --no-print-directory all static >&2
	$(Q)tests/run

# Hundreds of cycles, hours; not a part of `make test'.
soak: deps
	$(Q)$(MAKE) --no-print-directory static >&2
	$(Q)CYCLES=1000 lab/matrix --timeout 6000 churn
	$(Q)CYCLES=200 lab/matrix --timeout 3000 race
	$(Q)CYCLES=1000 lab/matrix --timeout 10000 quiet

install: slubnode-trace
	install -D -m 755 slubnode-trace $(DESTDIR)$(PREFIX)/sbin/slubnode-trace
	for page in man/*.[1-8]; do \
		install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; \
	done

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/slubnode-trace
	for page in man/*.[1-8]; do \
		rm -f $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; \
	done

format:
	clang-format -i src/*/*.[ch] bpf/*.[ch] vmlinux/*.h tests/unit/*.[ch]

clean:
	rm -rf $(B) slubnode-trace
