# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The start of a trace, from the exec to the start of its CMD, which runs when all is attached,
# and its exit, from the end of CMD to the end of the process; and the start right after another run.
# needs: programs clock
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=bench/lib.sh
. /lab/bench.sh

# one_run: measure a trace; sets begin, attached and end
one_run()
{
	rm -f whole reached
	clock whole slubnode-trace -o /dev/null trace -- clock reached ||
		fail "trace ended with $?"
	read -r begin end _ <whole
	read -r attached <reached
}

# The first run fills the page cache.
one_run
for _ in 1 2 3; do
	# The kernel has removed the programs of the last run.
	sleep 3
	one_run
	row start.attach $((attached - begin))
	row start.exit $((end - attached))
	# It has not.
	one_run
	row start.again $((attached - begin))
done
