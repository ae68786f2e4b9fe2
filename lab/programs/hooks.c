// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attach an empty BPF program to the entry and one to the return of each kernel function of
 * FILE, run a command, and end. This is the least that a tracer of these functions costs:
 *
 *	hooks btf|fentry|kprobe|multi|session FILE COMMAND [ARG...]
 *
 * btf attaches nothing, and only reads the kernel's BTF, which fentry needs, too. The exit status
 * is that of the command, 125 if a program cannot be attached, or 77 if the kernel lacks that way.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUNCTIONS      256
#define KPROBE_SESSION 56 /* BPF_TRACE_KPROBE_SESSION, which older headers lack */

static const char *functions[FUNCTIONS];
static int nr_functions;

static void die(const char *what)
{
	fprintf(stderr, "hooks: %s: %s\n", what, strerror(errno));
	exit(errno == EINVAL || errno == EOPNOTSUPP || errno == ENOENT ? 77 : 125);
}

/* Load a program that returns 0, and does nothing else. Returns its descriptor. */
static int load(enum bpf_prog_type type, int attach_type, int btf_id)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach_type,
		    .attach_btf_id = btf_id);
	int fd = bpf_prog_load(type, "empty", "GPL", code, 2, &opts);

	if (fd < 0)
		die("cannot load a program");
	return fd;
}

static void attach_fentry(struct btf *btf, int attach_type)
{
	int i;

	for (i = 0; i < nr_functions; i++) {
		int id = btf__find_by_name_kind(btf, functions[i], BTF_KIND_FUNC);

		/* A function that BTF lacks cannot be attached this way. */
		if (id > 0 &&
		    bpf_raw_tracepoint_open(NULL, load(BPF_PROG_TYPE_TRACING, attach_type, id)) < 0)
			die(functions[i]);
	}
}

static void attach_kprobes(int is_return)
{
	struct perf_event_attr attr = { .size = sizeof(attr), .config = is_return };
	FILE *f = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int program = load(BPF_PROG_TYPE_KPROBE, 0, 0);
	int i, fd;

	if (!f || fscanf(f, "%u", &attr.type) != 1)
		die("the type of kprobes");
	fclose(f);
	for (i = 0; i < nr_functions; i++) {
		attr.config1 = (unsigned long)functions[i];
		fd = syscall(__NR_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
		if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) ||
		    ioctl(fd, PERF_EVENT_IOC_ENABLE))
			die(functions[i]);
	}
}

static void attach_multi(int attach_type, int flags)
{
	union bpf_attr attr = {};

	attr.link_create.prog_fd = load(BPF_PROG_TYPE_KPROBE, attach_type, 0);
	attr.link_create.attach_type = attach_type;
	attr.link_create.kprobe_multi.flags = flags;
	attr.link_create.kprobe_multi.cnt = nr_functions;
	attr.link_create.kprobe_multi.syms = (unsigned long)functions;
	if (syscall(__NR_bpf, BPF_LINK_CREATE, &attr, sizeof(attr)) < 0)
		die("cannot attach to several functions at once");
}

static void attach(const char *way)
{
	struct btf *btf = NULL;

	if (!strcmp(way, "btf") || !strcmp(way, "fentry")) {
		btf = btf__load_vmlinux_btf();
		if (!btf)
			die("cannot read the kernel's BTF");
	}
	if (!strcmp(way, "fentry")) {
		attach_fentry(btf, BPF_TRACE_FENTRY);
		attach_fentry(btf, BPF_TRACE_FEXIT);
	} else if (!strcmp(way, "kprobe")) {
		attach_kprobes(0);
		attach_kprobes(1);
	} else if (!strcmp(way, "multi")) {
		attach_multi(BPF_TRACE_KPROBE_MULTI, 0);
		attach_multi(BPF_TRACE_KPROBE_MULTI, BPF_F_KPROBE_MULTI_RETURN);
	} else if (!strcmp(way, "session")) {
		attach_multi(KPROBE_SESSION, 0);
	}
}

static void read_functions(const char *path)
{
	char name[256];
	FILE *f = fopen(path, "re");

	if (!f)
		die(path);
	while (nr_functions < FUNCTIONS && fscanf(f, "%255s", name) == 1)
		functions[nr_functions++] = strdup(name);
	fclose(f);
}

int main(int argc, char **argv)
{
	int status;
	pid_t pid;

	if (argc < 4) {
		fprintf(stderr,
			"usage: hooks btf|fentry|kprobe|multi|session FILE COMMAND [ARG...]\n");
		return 125;
	}
	read_functions(argv[2]);
	attach(argv[1]);
	pid = fork();
	if (!pid) {
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die(argv[3]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
