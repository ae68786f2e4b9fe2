# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The start of a trace, from the exec to the start of its CMD, which runs when all is attached,
# and its exit, from the end of CMD to the end of the process.
# needs: programs clock
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

for _ in 1 2 3 4; do
	rm -f whole reached
	clock whole slubnode-trace -q -o /dev/null trace -- clock reached ||
		fail "trace ended with $?"
	read -r begin end <whole
	read -r attached <reached
	# The first run fills the page cache.
	[ -z "$warm" ] || row start.attach $((attached - begin))
	[ -z "$warm" ] || row start.exit $((end - attached))
	warm=1
done
