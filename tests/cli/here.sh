# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# On the machine that builds: root can trace, others get the reason why they cannot.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

if [[ $(id -u) -ne 0 ]]; then
	as_other=()
else
	as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all
		--bounding-set=-all)
fi
cp $tool "$tmp/tool"
chmod 755 "$tmp" "$tmp/tool"
for command in "trace --duration 2" probes; do
	# shellcheck disable=SC2086
	run 4 "an ordinary user: $command" "${as_other[@]}" "$tmp/tool" $command
	err_has 'CAP_BPF'
	err_has 'sudo'
done
[[ $(id -u) -eq 0 ]] || { done_testing; exit; }

capabilities=$(awk '/^CapEff/ { print $2 }' /proc/self/status)
(((0x$capabilities >> 39) & 1)) || { # CAP_BPF
	echo "# root, but without CAP_BPF: nothing can be loaded here"
	done_testing
	exit
}

run 0 "root: probes --json" $tool probes --json
events=$(jq .can_trace "$tmp/out")
jq -e '.can_trace or .can_poll' "$tmp/out" >/dev/null
ok $? "root can trace, by events or by polling"
jq -e '[.probes[] | .by != "none" or (.why | length > 0)] | all' "$tmp/out" >/dev/null
ok $? "what cannot be attached has a reason"
run 0 "root: probes" $tool probes
run 0 "root: trace --verbose --duration 2" $tool trace --verbose --duration 2
out_has '^Linux .*: [0-9]* caches, [0-9]* structures; memory: node'
out_has '^No memory was removed or added\.'
# Where nothing can be attached, the output must not claim that events were traced.
if [[ $events == true ]]; then
	out_has '^Attached by \(fentry\|kprobe\)'
	out_has 'compared with .* walks of all caches: 0 disagreements'
else
	err_has 'polling at intervals instead'
	out_has 'Caches are polled every second: a change that is undone in between is not seen'
fi
if [[ $events == false ]]; then
	run 4 "root: --attach fentry, where it cannot be" $tool trace -d 0.1 --attach fentry
	err_has '--attach auto takes'
fi
run 0 "root: trace --json" $tool --json trace --duration 0.5
jq -e -s '.[0].type == "start" and .[-1].type == "summary" and .[-1].lost == 0' \
	"$tmp/out" >/dev/null
ok $? "JSON Lines from start to summary, nothing lost"
# /proc/slabinfo has one row for each cache; caches of this machine may change meanwhile.
rows=$(tail -n +3 /proc/slabinfo | wc -l)
jq -e -s --argjson rows "$rows" '.[0].caches - $rows | fabs <= 2' "$tmp/out" >/dev/null
ok $? "about as many caches as /proc/slabinfo ($rows)"

# A BTF that is not this kernel's is refused.
echo nothing >"$tmp/nothing"
for file in "$tmp/nothing" /bin/true; do
	run 4 "--btf with a file that has no BTF" $tool report --btf "$file"
	err_has 'it contains no BTF'
done
run 4 "--btf with a file that does not exist" $tool report --btf /no/such/file
err_has 'No such file or directory'
for command in report "trace -d 1" "check -d 1"; do
	# shellcheck disable=SC2086
	run 4 "--btf with the BTF of something else: $command" $tool $command --btf build/slubnode.bpf.o
	err_has 'not the BTF of this kernel: struct kmem_cache'
done
[[ ! -r /sys/kernel/btf/vmlinux ]] ||
	run 0 "--btf with the kernel's own" $tool report --btf /sys/kernel/btf/vmlinux
run 0 "no file can grow" prlimit --fsize=1024:1024 bash -c "$tool report | cat"

as_bpf=(setpriv --reuid=65534 --regid=65534 --clear-groups
	'--inh-caps=-all,+bpf,+perfmon,+syslog' '--ambient-caps=-all,+bpf,+perfmon,+syslog')
run 0 "CAP_BPF, CAP_PERFMON and CAP_SYSLOG are enough" "${as_bpf[@]}" "$tmp/tool" report --all
run 0 "a reader of the output that ends early" bash -c "timeout 20 $tool trace 2>/dev/null | head -n 1;
	[[ \${PIPESTATUS[0]} -eq 3 ]]"
run 0 "root: report" $tool report
run 0 "root: report --all" $tool report --all --by-cache
out_has '^Linux .* caches, .* node structures'
run 0 "root: report --json" $tool --json report --all
# A merged cache has one directory in sysfs, and a link for each of its names.
directories=$(find /sys/kernel/slab -mindepth 1 -maxdepth 1 -type d | wc -l)
jq -e --argjson directories "$directories" '.caches - $directories | fabs <= 2' "$tmp/out" >/dev/null
ok $? "about as many caches as /sys/kernel/slab ($directories)"
done_testing
