# shellcheck shell=dash disable=SC2154 # trace_file is trace.sh's
# SPDX-License-Identifier: GPL-2.0-only
#
# Print objects of every type on standard output, for tests/schema on the host.
# timeout: 240
# needs: built poke victim
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/trace.sh
. /lab/trace.sh
# shellcheck source=lab/guest/freed.sh
. /lab/freed.sh

# Wait until the trace contains a finding of the tier.
found() { wait_for 10 grep -q "\"finding\",\"tier\":\"$1\"" "$trace_file"; }

{
	modprobe poke && modprobe victim
	# Before the node comes online, so that no structure lies on the node and pins it. The
	# neighbour keeps the slab of what is freed.
	victim_create stale
	victim_create neighbour
	node_online 1
	trace_start trace.json --watch-cache stale --watch-field nr_partial --sweep 0.5
	victim_destroy stale
	wait_for 10 grep -q '"event":"freed".*"cache":"stale"' trace.json
	address=$(freed_structures stale 1 | cut -d' ' -f1)
	# Wait until a timer interrupt has run on each CPU after the free.
	usleep 700000
	load "$(plus "$address" 8)"
	store "$(plus "$address" 8)" 8 5a5a
	found watchpoint
	found canary
	node_offline 1
	node_online 1
	trace_stop
	slubnode-trace --json check -o check.json --expect free --max-retained 1 -- \
		sh -c '. /lab/lib.sh; node_offline 1; node_online 1'
	slubnode-trace --json check -o idle.json -d 0.1
	node_offline 1
	slubnode-trace --json report -o report.json
	slubnode-trace --json report -o all.json --all --by-cache --top 5
	timeout -s INT 3 slubnode-trace --json report --watch=0.5 >watch.json
	slubnode-trace --json probes -o probes.json
} >&2
cat trace.json check.json idle.json report.json all.json watch.json probes.json
