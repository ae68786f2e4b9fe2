# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# check on the machine that builds, where no memory is removed: usage, formats and exit
# statuses. A result that is not known here is inconclusive, and never a pass.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

for option in --expect=keep --max-retained=x --max-retained=-1 --max-retained=1T --allow=call \
	--min-coverage=x --min-coverage=101 --min-coverage=-1 --allow=none:x --allow=call: --require=every '--require=call,,' '--tap --json' \
	'--junit /no/such/directory/file' '--text /no/such/directory/file'; do
	# shellcheck disable=SC2086
	run 2 "check $option" $tool check $option -- true
done
run 0 "check --help" $tool check --help
out_has 'Exit status'

if [[ $(id -u) -eq 0 ]]; then
	as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all
		--bounding-set=-all)
fi
cp $tool "$tmp/tool"
chmod 755 "$tmp" "$tmp/tool"
run 4 "an ordinary user" "${as_other[@]}" "$tmp/tool" check --tap -- true
out_has '^not ok 1 - run'
err_has 'CAP_BPF'

[[ $(id -u) -eq 0 ]] || { done_testing; exit; }
"$tool" probes -q >/dev/null 2>&1 || { done_testing; exit; }

# proves FILE: return 0 if a TAP reader reads it as a pass
proves() { prove -Q -e cat "$1" >"$tmp/prove" 2>&1; }
readable() { ! grep -q 'Parse errors' "$tmp/prove"; }
valid() { xmllint --noout --schema tests/junit.xsd "$1" 2>"$tmp/err"; }

run 3 "idle: inconclusive" $tool check --tap --junit "$tmp/idle.xml" --text "$tmp/idle.txt" -- true
cp "$tmp/out" "$tmp/idle.tap"
! proves "$tmp/idle.tap"
ok $? "prove does not read it as a pass"
readable
ok $? "prove can parse it"
valid "$tmp/idle.xml"
ok $? "its JUnit XML is valid"
grep -q '<error type="inconclusive"' "$tmp/idle.xml"
ok $? "the JUnit XML reports an error"
grep -q '^Verdict: inconclusive' "$tmp/idle.txt"
ok $? "the text reports the same verdict"
run 3 "a required tier, with nothing attached" $tool check --attach none --allow-idle -- true
out_has '--attach none'
run 5 "CMD fails" $tool check --tap --junit "$tmp/cmd.xml" -- sh -c 'echo mine; exit 9'
! grep -q '^mine' "$tmp/out" && grep -q '^mine' "$tmp/err"
ok $? "its output goes to standard error"
out_has 'ended with status 9'
valid "$tmp/cmd.xml"
ok $? "the JUnit XML is valid"
run 5 "SIGTERM ends CMD" timeout --preserve-status -s TERM 1 $tool check -- sleep 300
run 2 "CMD that is not there" $tool check --tap --junit "$tmp/none.xml" -- /no/such/program
out_has '^not ok 1 - run'
valid "$tmp/none.xml"
ok $? "the JUnit XML is valid"
run 3 "--duration" $tool check --json --duration 0.3
jq -e -s '.[-1].type == "verdict" and .[-1].exit_code == 3 and
	([.[:-1][] | .type == "assertion"] | all)' "$tmp/out" >/dev/null
ok $? "JSON Lines: assertions, then the verdict"
done_testing
