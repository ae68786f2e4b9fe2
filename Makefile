# SPDX-License-Identifier: GPL-2.0-only
# The targets are listed by `make help'.

VERSION := 0.1.0
CLANG ?= clang
BPFTOOL ?= $(shell PATH="$$PATH:/usr/sbin:/sbin" command -v bpftool)
PREFIX ?= /usr/local
# Nothing is in BINDIR yet: every command needs privileges.
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
CFLAGS ?= -O2 -g
# `no': demo, test and similar targets install no packages.
export DEPS ?= yes
B := build

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n' $(1) $(2) >&2
endif

# The code compiles without a warning under these options.
WARNINGS := -Wall -Wextra -Wformat-signedness
BPF_CFLAGS := -g -O2 -Wall -Wextra -target bpf -mcpu=v2 -D__TARGET_ARCH_x86 -iquote . $(BPF_WERROR)
# Headers are included by path; <bpf/...> stays libbpf's.
INCLUDES := -iquote src -iquote . -iquote $(B)
# C needs no tables for unwinding, which take 37 KB; gdb has those of -g.
ALL_CFLAGS = $(CFLAGS) -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections $(WARNINGS) -std=gnu11 -D_GNU_SOURCE $(INCLUDES) $(CPPFLAGS)
LIBS := -pthread -lbpf -ldw -lelf -lz -lzstd -lcap -lm
# The libraries that LIBS need. Expanded late, because `make deps static' installs pkg-config first.
STATIC_LIBS = $(LIBS) $(shell pkg-config --static --libs-only-l libdw libelf)
# libdw has a back end for each architecture, and skips those whose function is NULL. The static binary
# is 250 KB smaller with x86-64 alone, and without its disassembler.
comma := ,
# The tool walks no frames with it, so that the unwinder is left out, too.
UNUSED_OF_LIBDW := __libdwfl_frame_unwind $(addsuffix _init,aarch64 alpha arm bpf csky i386 ia64 loongarch m68k ppc ppc64 riscv s390 sh sparc) \
	x86_64_disasm
# libzstd has a function for each strategy and kind of dictionary, and readers of old formats. A recording
# is compressed by the strategy `fast', and its reader refuses other formats before libzstd sees them: the
# static binary is 370 KB smaller.
of_strategies = $(foreach s,$(1),$(addprefix ZSTD_compressBlock_$(s),$(2)))
UNUSED_OF_LIBZSTD := ZSTD_fillDoubleHashTable ZSTD_dedicatedDictSearch_lazy_loadDictionary \
	ZSTD_insertAndFindFirstIndex ZSTD_row_update ZSTD_updateTree \
	$(addprefix ZSTD_compressBlock_,doubleFast btlazy2 btopt btultra btultra2 greedy lazy lazy2) \
	$(call of_strategies,doubleFast btlazy2 btopt btultra greedy lazy lazy2,_dictMatchState _extDict) \
	$(call of_strategies,greedy lazy lazy2,_row _dictMatchState_row _extDict_row \
		_dedicatedDictSearch _dedicatedDictSearch_row) \
	$(foreach v,v05 v06 v07,$(addprefix ZBUFF$v_,createDCtx decompressContinue decompressInitDictionary \
		freeDCtx) $(addprefix ZSTD$v_,createDCtx decompress_usingDict findFrameSizeInfoLegacy \
		freeDCtx getFrameParams))
# libdw tries a file that is not ELF as compressed by each method. Its gunzip refuses what is not gzip,
# and takes the place of the others.
STATIC_LDFLAGS := -static -Wl,--gc-sections,--wrap=dlopen $(patsubst %,-Wl$(comma)--defsym=%=0,$(UNUSED_OF_LIBDW) \
		$(UNUSED_OF_LIBZSTD)) \
	-Wl,--defsym=__libdw_bunzip2=__libdw_gunzip,--defsym=__libdw_unlzma=__libdw_gunzip

# Each file after those that it uses: libbpf's linker (1.1) misplaces a map that is declared
# before it is defined.
BPF_OBJECTS := $(patsubst %,$(B)/%.bpf.o,kernel record slab knode freed caches lifetime readers session watchpoint canary walk fill)
OBJECTS := $(patsubst src/%.c,$(B)/%.o,$(wildcard src/*/*.c))
MAN_PAGES := $(wildcard man/*.[1-8])
SCHEMAS := $(wildcard docs/*.schema.json)
# Each shell's file and the place, below DATADIR, where the shell looks for it.
COMPLETIONS := bash-completion/completions/slubnode-trace:slubnode-trace.bash \
	zsh/site-functions/_slubnode-trace:_slubnode-trace \
	fish/vendor_completions.d/slubnode-trace.fish:slubnode-trace.fish

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all static deps check lint test test-all soak fuzz mutants bench demo verdict install uninstall format help clean
.DEFAULT_GOAL := all

all: slubnode-trace ## Build ./slubnode-trace
TEST_PROGRAMS := $(patsubst tests/programs/%.c,$(B)/static/%,$(wildcard tests/programs/*.c))
static: $(B)/static/slubnode-trace $(TEST_PROGRAMS) ## Build build/static/slubnode-trace, which runs where nothing is installed

slubnode-trace: $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/static/slubnode-trace: $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(STATIC_LDFLAGS) -o $@ $^ $(STATIC_LIBS)

# The programs that test the tool from inside: they link all but main().
$(TEST_PROGRAMS): $(B)/static/%: tests/programs/%.c $(filter-out $(B)/cmd/main.o,$(OBJECTS))
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) $(STATIC_LDFLAGS) -o $@ $^ $(STATIC_LIBS)

# The least program that does what the tool does, for make bench.
$(B)/least.bpf.o: bench/least.bpf.c Makefile | $(B)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/static/least: bench/least.c $(B)/least.skel.h Makefile
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP $(LDFLAGS) $(STATIC_LDFLAGS) -o $@ $< $(STATIC_LIBS)

# Code that runs once, or writes text for people, is compiled for its size.
$(B)/cmd/%.o $(B)/output/%_text.o: ALL_CFLAGS := $(patsubst -O2,-Os,$(ALL_CFLAGS))

# Generated headers exist before the first compilation; the .d files name the files that include them.
$(B)/%.o: src/%.c Makefile | $(B)/version.h $(B)/slubnode.skel.h $(B)/ksyms.skel.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The unit tests link all objects that need no kernel, with the sanitizers.
UNIT_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Wformat-signedness -Werror \
	-fsanitize=address,undefined -fno-sanitize-recover=all $(INCLUDES)
UNIT_SOURCES := $(wildcard src/base/*.c src/model/*.c src/output/*.c src/recording/*.c) $(patsubst %,src/%.c,kernel/btf_fit kernel/btf_subset \
	kernel/kallsyms kernel/names detect/symbolizer trace/sizes trace/pace trace/memory_blocks trace/uevents cmd/exit_status cmd/outcome cmd/replay)

$(B)/unit/%.o: src/%.c Makefile | $(B)/version.h
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/unit/pure.a: $(patsubst src/%.c,$(B)/unit/%.o,$(UNIT_SOURCES))
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

# The recordings of the tests are kept as text.
RECORDINGS := $(patsubst tests/recordings/%.base64,$(B)/recordings/%,$(wildcard tests/recordings/*.base64))
$(B)/recordings/%: tests/recordings/%.base64
	$(Q)mkdir -p $(@D)
	$(Q)base64 -d $< > $@

$(B)/unit/golden_test $(B)/unit/mask_test: | $(RECORDINGS)

# It runs the program.
$(B)/unit/million_test: | slubnode-trace

$(B)/unit/%_test: tests/unit/%_test.c $(B)/unit/pure.a
	$(Q)$(CC) $(UNIT_CFLAGS) -MMD -MP -o $@ $< $(B)/unit/pure.a -pthread -lcmocka -lbpf -lz -lzstd

$(B)/%.bpf.o: bpf/%.bpf.c Makefile | $(B)
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

# make deletes the object between a source and its skeleton otherwise.
.SECONDARY: $(B)/ksyms.bpf.o

$(B)/slubnode.bpf.o: $(BPF_OBJECTS)
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(B)/%.skel.h: $(B)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q){ echo '/* NOLINTBEGIN */'; $(BPFTOOL) gen skeleton $< name $*; echo '/* NOLINTEND */'; } > $@

# The large object is compressed: src/trace/bpf_object.c has the function that returns it.
$(B)/slubnode.skel.h: $(B)/slubnode.bpf.o
	$(call say,SKEL,$@)
	$(Q){ echo '/* NOLINTBEGIN */'; $(BPFTOOL) gen skeleton $< name slubnode; echo '/* NOLINTEND */'; } | \
		awk '/^static inline const void .slubnode__elf_bytes.*;/ { sub(/^static inline /, "") } \
			/^static inline const void .slubnode__elf_bytes/ { skip = 1 } \
			!skip; /^}/ { skip = 0 }' > $@

# Each start decompresses it: level 22 is 9 KB smaller, and takes four million instructions more.
$(B)/slubnode.bpf.o.zst: $(B)/slubnode.bpf.o
	$(Q)zstd -q -15 -c $< > $@

$(B)/trace/bpf_object.o: CPPFLAGS += -Wa,-I$(B)
$(B)/trace/bpf_object.o: $(B)/slubnode.bpf.o.zst

# The page of --format html, up to its data.
$(B)/page.html: html/embed html/page.html $(wildcard html/*.js html/*.css html/vendor/uPlot.*) | $(B)
	$(call say,PAGE,$@)
	$(Q)html/embed > $@

$(B)/page.html.zst: $(B)/page.html
	$(Q)zstd -q --ultra -22 -c $< > $@

$(B)/output/trace_html.o: CPPFLAGS += -Wa,-I$(B)
$(B)/unit/output/trace_html.o: UNIT_CFLAGS += -Wa,-I$(B)
$(B)/output/trace_html.o $(B)/unit/output/trace_html.o: $(B)/page.html.zst

$(B)/version.h: Makefile | $(B)
	$(Q)printf '#define SLUBNODE_VERSION "%s"\n#define SLUBNODE_CLANG "%s"\n' '$(VERSION)' \
		"$$($(CLANG) --version | head -n 1)" > $@

# `make -j deps static' waits for the packages.
$(B): | $(filter deps,$(MAKECMDGOALS))
	$(Q)mkdir -p $@

-include $(wildcard $(B)/*.d $(B)/*/*.d $(B)/*/*/*.d)

# demo, test and similar targets first install the Debian packages that are missing, so that a new
# machine needs one command. The messages go to standard error.
install_deps = $(Q)tests/deps $(1) >&2

deps: ## Install the Debian packages for the build, the tests and the lab
	$(call install_deps,build check lab)

# Build for the tests on all CPUs, unless the user says how many jobs.
jobs = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
build = $(Q)$(MAKE) --no-print-directory $(jobs) $(1) >&2
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/unit/%,$(wildcard tests/unit/*_test.c))

check: ## Run the unit and command line tests, and check scripts, pages and spelling (1 minute)
	$(call install_deps,build check)
	$(call build,all static $(UNIT_TESTS))
	$(Q)tests/run check

lint: ## Run check and the analyzers (a few minutes)
	$(call install_deps,build check lint)
	$(call build,all static $(UNIT_TESTS) compile_commands.json)
	$(Q)tests/run check analyze

test: ## Run lint, and each scenario on the kernels where it can differ
	$(call install_deps,build check lint lab perfetto browser)
	$(call build,all static $(UNIT_TESTS) compile_commands.json)
	$(Q)tests/run analyze test

test-all: ## Run every scenario on every kernel, with the long loops (an hour or more)
	$(call install_deps,build check lint lab perfetto browser)
	$(call build,all static $(UNIT_TESTS) compile_commands.json)
	$(Q)tests/run analyze all

soak: ## Run hundreds of hotremoves on each kernel (hours)
	$(call install_deps,build lab)
	$(Q)$(MAKE) --no-print-directory static >&2
	$(Q)CYCLES=1000 lab/matrix --all --timeout 6000 churn
	$(Q)CYCLES=200 lab/matrix --all --timeout 3000 race
	$(Q)CYCLES=1000 lab/matrix --all --timeout 10000 quiet

FUZZ ?= 1000000
fuzz: ## Replay a million mutated recordings under the sanitizers (half an hour) [FUZZ=100000]
	$(call install_deps,build check)
	$(call build,$(B)/unit/recording_test)
	$(Q)FUZZ='$(FUZZ)' $(B)/unit/recording_test

MUTANTS ?=
mutants: ## Judge kernels that do the wrong thing, in VMs, and write docs/reliability.md [MUTANTS='^hardened']
	$(call install_deps,build lab mutants)
	$(Q)$(MAKE) --no-print-directory static >&2
	$(Q)lab/mutants/table $(if $(MUTANTS),'$(MUTANTS)',--output docs/reliability.md)

QUICK ?=
bench: ## Measure by instruction counts, beside the alternatives, and write docs/benchmarks.md [QUICK=1: the tool alone]
	$(call install_deps,build lab)
	$(Q)$(MAKE) --no-print-directory static $(B)/static/least >&2
	$(Q)bench/run $(if $(QUICK),--quick,--output docs/benchmarks.md)

KERNEL ?= 6.12
FORMAT ?= text
demo: ## Remove the memory of a node in a VM and add it again [KERNEL=6.1 FORMAT=json, or html >FILE]
	$(call install_deps,build lab)
	$(Q)$(MAKE) --no-print-directory static >&2
	$(Q)lab/run --kernel '$(KERNEL)' lab/demo.sh '$(FORMAT)'

# TAP goes to standard output. make fails with its own status; lab/check-kernel has that of check.
CHECK ?=
verdict: ## Judge a kernel in a VM by check [KERNEL=bzImage CHECK='--expect retain']
	$(call install_deps,build lab)
	$(Q)$(MAKE) --no-print-directory static >&2
	$(Q)lab/check-kernel '$(KERNEL)' $(CHECK)

install: slubnode-trace ## Install the program, pages, schemas and completion [PREFIX SBINDIR MANDIR DATADIR DESTDIR]
	install -D -m 755 slubnode-trace '$(DESTDIR)$(SBINDIR)/slubnode-trace'
	for page in $(MAN_PAGES); do \
		install -D -m 644 "$$page" "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; \
	done
	for schema in $(SCHEMAS); do \
		install -D -m 644 "$$schema" "$(DESTDIR)$(DATADIR)/slubnode-trace/$${schema##*/}"; \
	done
	for file in $(COMPLETIONS); do \
		install -D -m 644 "contrib/completion/$${file##*:}" "$(DESTDIR)$(DATADIR)/$${file%%:*}"; \
	done

uninstall: ## Remove what install put there
	rm -f '$(DESTDIR)$(SBINDIR)/slubnode-trace'
	for page in $(MAN_PAGES); do rm -f "$(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}"; done
	for file in $(COMPLETIONS); do rm -f "$(DESTDIR)$(DATADIR)/$${file%%:*}"; done
	rm -rf '$(DESTDIR)$(DATADIR)/slubnode-trace'

# For clangd and clang-tidy, with the commands of this Makefile.
compile_commands.json: Makefile FORCE | $(B)/version.h $(B)/slubnode.skel.h $(B)/ksyms.skel.h ## Write the compilation database
	$(Q)separator='['; \
	entry() { printf '%s\n{ "directory": "%s", "file": "%s", "command": "%s -c %s" }' \
		"$$separator" '$(CURDIR)' "$$2" "$$1" "$$2"; separator=','; }; \
	{ \
		for file in $(wildcard src/*/*.c); do entry '$(CC) $(ALL_CFLAGS)' "$$file"; done; \
		for file in $(wildcard bpf/*.c); do entry '$(CLANG) $(BPF_CFLAGS)' "$$file"; done; \
		printf '\n]\n'; \
	} >$@

FORCE:

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z_.-]+:.*## / { printf "  %-22s %s\n", $$1, $$2 }' Makefile

format: ## Format the C sources with clang-format
	clang-format -i src/*/*.[ch] bpf/*.[ch] vmlinux/*.h tests/unit/*.[ch]

clean: ## Remove what was built
	rm -rf $(B) slubnode-trace compile_commands.json
