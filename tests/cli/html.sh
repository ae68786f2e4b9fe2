# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# trace --format html: the page is a file that is whole, its data are JSON Lines, and a page that was
# cut off has what it holds. tests/browser looks at pages.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

run 0 "the page is embedded" html/embed
mv "$tmp/out" "$tmp/head"
tail -n 1 "$tmp/head" | grep -qx '<script type="application/jsonl" id="data">'
ok $? "its data follow the rest"
! grep -oE "(src|href|url)[=(][\"']?(https?:)?//[^\"' ]*" "$tmp/head" >"$tmp/out"
ok $? "it names nothing that a browser would fetch"
grep -q "default-src 'none'.*script-src 'sha256-[A-Za-z0-9+/]*='\"" "$tmp/head"
ok $? "its policy permits its own script, by a hash, and no connection"
# The hash is that of the bytes between the tags.
hash=$(awk 'sub(/^<script>/, "") { on = 1 } on && /^<\/script>/ { exit } on && !sub(/<\/script>$/, "")' "$tmp/head" |
	sha256sum | cut -d ' ' -f 1 | sed 's/../\\x&/g')
# shellcheck disable=SC2059
grep -qF "script-src 'sha256-$(printf "$hash" | base64)'" "$tmp/head"
ok $? "the hash is that of the script"

if [[ $(id -u) -ne 0 ]] || ! $tool probes -q >/dev/null 2>&1; then
	done_testing
	exit
fi

# Print the data of a page.
data() { awk '/^<script type="application\/jsonl"/ { on = 1; next } /^<\/script>/ { on = 0 } on' "$1"; }

run 0 "--format html" $tool trace --format html -o "$tmp/page" -d 0.5
cmp "$tmp/head" <(head -c "$(stat -c %s "$tmp/head")" "$tmp/page") >"$tmp/out" 2>&1
ok $? "the program has the page of this source"
[[ $(tail -n 3 "$tmp/page") == $'</script>\n</body>\n</html>' ]]
ok $? "the page has its end"
data "$tmp/page" >"$tmp/data"
run 0 "its data are valid JSON Lines" tests/schema "$tmp/data"
run 0 "they have the answer" jq -es '.[0].type == "start" and .[-1].type == "summary" and (.[-1].caveats | type) == "array"' "$tmp/data"

$tool trace --format html -o "$tmp/cut" -d 60 --ready-fd 3 3>"$tmp/ready" >"$tmp/out" 2>"$tmp/err" &
pid=$!
wait_until test -s "$tmp/ready"
wait_until grep -q '"type":"start"' "$tmp/cut"
kill -KILL $pid
wait $pid 2>/dev/null
data "$tmp/cut" >"$tmp/data"
run 0 "a page whose program was killed has its data" tests/schema "$tmp/data"
! grep -q '^</html>' "$tmp/cut"
ok $? "and no end"

run 2 "messages in the same file" bash -c "$tool trace --format html -d 0.5 >$tmp/both 2>&1"
cp "$tmp/both" "$tmp/err"
err_has 'the format is a page'
err_has '^hint: .* -o FILE'
done_testing
