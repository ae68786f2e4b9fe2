# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The page of the benchmarks: a goal that is missed and a figure that is missing fail it.
. "$(dirname "$0")/tap.bash"

# Print a value for each row of the growth.
growth()
{
	local name row

	for name in $(sed '/^#/d; s/|.*//' bench/growth); do
		for row in $(grep -o 'grown([^"]*"[a-z._]*"' bench/page.awk | cut -d '"' -f 2); do
			echo "6.12 growth.$name.$row 1"
		done
	done
}

# Results that meet all goals. Each value is below each goal, and a ratio of 1 is +0 %.
complete()
{
	{
		sed '/^#/d' bench/goals bench/alternatives |
			awk -F '|' '{ print $1, $2, 0; if ($3) print $1, substr($3, 2), 1 }'
		growth
	} | sort -u
}

# with PATTERN LINE...: the results, with these lines in place of those that match
with()
{
	local pattern=$1

	shift
	complete | grep -v -e "$pattern"
	printf '%s\n' "$@"
}

complete >"$tmp/results"
run 0 "all goals are met" bench/page "$tmp/results"
out_has '^| `trace`: exec to attached | 6.12 | 0 | ms | - |  | 450 | yes |$'
out_has '^## The alternatives$'
run 0 "all goals are met, without the alternatives" bench/page --quick "$tmp/results"

with '^6.12 start.attach ' '6.12 start.attach 490000000' '6.12 start.attach 450100000' '6.12 start.attach 440000000' \
	>"$tmp/results"
run 1 "a goal that is missed" bench/page "$tmp/results"
out_has '^| `trace`: exec to attached | 6.12 | 450 | ms | 11.1 % |  | 450 | \*\*no\*\* |$'
echo '6.12 floor.attach 350000000' >>"$tmp/results"
run 0 "a goal that is missed, within 1.3 of the floor" bench/page "$tmp/results"
out_has '| 350 | 450 | within 1.3 of the floor |$'

with '^6.12 start.attach ' '6.12 start.attach ' >"$tmp/results"
run 1 "a row without a value" bench/page "$tmp/results"
: >"$tmp/results"
run 1 "no results" bench/page --quick "$tmp/results"
run 1 "a measurement that does not exist" bench/run --quick nosuch
with '^6.12 start.attach ' >"$tmp/results"
run 1 "a row that was not measured" bench/page "$tmp/results"
out_has '^| `trace`: exec to attached | 6.12 | not measured | ms |  |  | 450 | not measured |$'
with '^6.12 removal.cycle.bare.few ' >"$tmp/results"
run 1 "a base that was not measured" bench/page "$tmp/results"
with '^6.12 removal.cycle.bare.few \|^6.12 removal.cycle.text.few ' '6.12 removal.cycle.bare.few 40000000' \
	'6.12 removal.cycle.text.few 46000000' >"$tmp/results"
run 1 "a ratio above its goal" bench/page "$tmp/results"
out_has '^| offline and online with `trace`, 187 caches | 6.12 | 15 | % |'
with '^6.12 growth.nodes64.' >"$tmp/results"
run 1 "a growth that was not measured" bench/page "$tmp/results"
with '^6.12 peer.drgn ' >"$tmp/results"
run 1 "an alternative that was not measured" bench/page "$tmp/results"
run 0 "it is not wanted" bench/page --quick "$tmp/results"
done_testing
