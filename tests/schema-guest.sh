# shellcheck shell=dash
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

{
	modprobe poke && modprobe victim
	# Before the node comes online, so that no structure lies on the node and pins it. The
	# neighbour keeps the slab of what is freed.
	victim_create stale
	victim_create neighbour
	node_online 1
	trace_start trace.json --watch-cache stale --watch-field nr_partial --sweep 0.5
	access_freed stale 1
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
