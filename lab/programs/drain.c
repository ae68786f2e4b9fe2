// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read records from a ring buffer and write bytes that were copied to a buffer, and print the CPU
 * time for that in nanoseconds. It is the least that a program costs which makes as much output
 * of as many records:
 *
 *	drain RECORD_BYTES OUTPUT_BYTES FILE
 *
 * RECORD_BYTES are those by which the ring buffer advances.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RECORD 104 /* bytes: that of a node pointer in bpf/records.h */
#define HEADER 8   /* of a record in the ring buffer */
#define WORDS  (RECORD / 8)
#define LINE   256
#define BUFFER (64 * 1024)

static char text[LINE], buffer[BUFFER];

static void die(const char *what)
{
	perror(what);
	exit(125);
}

/* Load a program that writes one record. Returns its descriptor. */
static int load(int ring)
{
	struct bpf_insn code[WORDS + 9] = {};
	int i, n, fd;

	for (n = 0; n < WORDS; n++)
		code[n] = (struct bpf_insn){ .code = BPF_ST | BPF_MEM | BPF_DW,
					     .dst_reg = BPF_REG_10,
					     .off = -8 * (n + 1) };
	code[n++] = (struct bpf_insn){ .code = BPF_LD | BPF_DW | BPF_IMM,
				       .dst_reg = BPF_REG_1,
				       .src_reg = BPF_PSEUDO_MAP_FD,
				       .imm = ring };
	n++; /* the second half of the instruction */
	code[n++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_X,
				       .dst_reg = BPF_REG_2,
				       .src_reg = BPF_REG_10 };
	code[n++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_ADD | BPF_K,
				       .dst_reg = BPF_REG_2,
				       .imm = -RECORD };
	for (i = 0; i < 2; i++)
		code[n++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K,
					       .dst_reg = BPF_REG_3 + i,
					       .imm = i ? 0 : RECORD };
	code[n++] = (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ringbuf_output };
	code[n++] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K };
	code[n++] = (struct bpf_insn){ .code = BPF_JMP | BPF_EXIT };
	fd = bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "fill", "GPL", code, n, NULL);
	if (fd < 0)
		die("cannot load the program");
	return fd;
}

/* Write the records in another process, whose CPU time is not counted. */
static void fill(int ring, long records)
{
	int program = load(ring), status;
	pid_t pid = fork();

	if (!pid) {
		while (records-- > 0) {
			LIBBPF_OPTS(bpf_test_run_opts, opts);

			if (bpf_prog_test_run_opts(program, &opts))
				_exit(1);
		}
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		die("cannot write the records");
}

static int on_record(void *count, void *data, size_t size)
{
	(void)data, (void)size;
	++*(long *)count;
	return 0;
}

/* Copy lines to the buffer until `bytes' bytes were written. */
static void output(int fd, long bytes)
{
	size_t used = 0;

	while (bytes > 0) {
		size_t n = bytes < LINE ? bytes : LINE;

		memcpy(buffer + used, text, n);
		used += n;
		bytes -= n;
		if (bytes > 0 && used + LINE <= BUFFER)
			continue;
		if (write(fd, buffer, used) != (ssize_t)used)
			die("cannot write the output");
		used = 0;
	}
}

static long long cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	long records, count = 0;
	struct ring_buffer *rb;
	long long begin, end;
	int ring, fd;

	if (argc != 4) {
		fprintf(stderr, "usage: drain RECORD_BYTES OUTPUT_BYTES FILE\n");
		return 125;
	}
	records = atol(argv[1]) / (RECORD + HEADER);
	ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, 64 << 20, NULL);
	fd = open(argv[3], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	rb = ring < 0 ? NULL : ring_buffer__new(ring, on_record, &count, NULL);
	if (!rb || fd < 0)
		die("cannot make a ring buffer and its output");
	fill(ring, records);
	memset(text, 'x', sizeof(text));
	begin = cpu_time();
	ring_buffer__consume(rb);
	output(fd, atol(argv[2]));
	end = cpu_time();
	if (count != records) {
		fprintf(stderr, "drain: %ld records of %ld\n", count, records);
		return 125;
	}
	printf("%lld\n", end - begin);
	return 0;
}
