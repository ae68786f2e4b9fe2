# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# check --ktap, read by the kernel's own reader of KTAP, and the exit statuses of other suites.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

run 2 "--ktap --tap" $tool check --ktap --tap -- true
run 2 "--exit-codes of no suite" $tool check --exit-codes=tap -- true
# Each usage error is a failure for kselftest, whose 2 is an expected failure.
run 1 "kselftest: wrong usage" $tool check --exit-codes kselftest --ktap --json -- true
run 1 "kselftest: a wrong option" $tool check --exit-codes kselftest --no-such-option
run 2 "ltp: wrong usage" $tool check --exit-codes ltp --ktap --json -- true
if [[ $(id -u) -eq 0 ]]; then
	as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all)
fi
cp $tool "$tmp/tool"
chmod 755 "$tmp" "$tmp/tool"
run 4 "kselftest: it cannot run" "${as_other[@]}" "$tmp/tool" check --exit-codes kselftest --ktap -- true
[[ $(head -n 2 "$tmp/out") == $'KTAP version 1\n1..1' ]]
ok $? "the first lines are the version and the plan"
out_has '^not ok 1 run # ERROR '
run 32 "ltp: it cannot run" "${as_other[@]}" "$tmp/tool" check --exit-codes ltp -- true

[[ $(id -u) -eq 0 ]] || { done_testing; exit; }
"$tool" probes -q >/dev/null 2>&1 || { done_testing; exit; }

run 1 "kselftest: inconclusive" $tool check --attach none --exit-codes kselftest --ktap -- true
cp "$tmp/out" "$tmp/idle"
run 2 "ltp: inconclusive" $tool check --attach none --exit-codes ltp --ktap -- true
run 1 "kselftest: CMD fails" $tool check --attach none --exit-codes kselftest --ktap -- false
cp "$tmp/out" "$tmp/failed"
run 1 "ltp: CMD fails" $tool check --attach none --exit-codes ltp --ktap --allow-idle -- false
! grep -vE '^(# .*|KTAP version 1|1\.\.[0-9]+|(not )?ok [0-9]+ [a-z-]+( # (SKIP|ERROR) .+)?)$' "$tmp/idle" >"$tmp/err"
ok $? "each line is a line of KTAP, and each name is one word"

# The names are those of TAP, and depend on no result.
names() { sed -nE 's/^(not )?ok [0-9]+ (- )?([a-z-]+)( #.*)?$/\3/p' "$1"; }
run 3 "--tap" $tool check --attach none --tap -- true
[[ $(names "$tmp/idle") == "$(names "$tmp/out")" && $(names "$tmp/idle") == "$(names "$tmp/failed")" &&
	$(names "$tmp/idle" | wc -l) -ge 9 ]]
ok $? "--tap has the same names"

directory=$(tests/kunit-parser 2>"$tmp/err") || { ok 1 "the kernel's reader can be had"; done_testing; exit; }
# Print "NAME STATUS" for each test as the reader reads it. Returns 1 if it finds an error in the form.
kunit() # FILE
{
	PYTHONDONTWRITEBYTECODE=1 python3 - "$directory" "$1" <<-'END'
	import inspect, sys
	sys.path.insert(0, sys.argv[1])
	import kunit_parser
	arguments = [kunit_parser.extract_tap_lines(open(sys.argv[2]).read().splitlines())]
	if "printer" in inspect.signature(kunit_parser.parse_run_tests).parameters:
	    import kunit_printer
	    arguments.append(kunit_printer.stdout)
	test = kunit_parser.parse_run_tests(*arguments) # prints, too
	for each in test.subtests:
	    print("read:", each.name, each.status.name)
	sys.exit(test.counts.errors > 0 or not test.subtests)
	END
}

for file in idle failed; do
	run 0 "kunit_parser.py reads it: $file" kunit "$tmp/$file"
	[[ $(sed -n 's/^read: \(.*\) .*/\1/p' "$tmp/out") == "$(names "$tmp/$file")" ]]
	ok $? "it reads each name"
	[[ $(grep -c '^read: .* FAILURE' "$tmp/out") -eq $(grep -c '^not ok' "$tmp/$file") ]]
	ok $? "what is not ok is a failure"
	[[ $(grep -c '^read: .* SKIPPED' "$tmp/out") -eq $(grep -c '^ok .* # SKIP' "$tmp/$file") ]]
	ok $? "SKIP is skipped"
done
out_has '^read: command FAILURE'
# A reader that accepts everything proves nothing.
sed '/^ok 2\|^not ok 2/d' "$tmp/idle" >"$tmp/gap"
run 1 "it refuses a missing result" kunit "$tmp/gap"
done_testing
