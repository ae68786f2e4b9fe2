# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# All programs pass this kernel's verifier and are attached: by fentry, by kprobe, by kprobe
# session where the kernel has them, and the walks alone. tests/compilers runs this scenario for objects of several compilers.
# timeout: 60
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh

slubnode-trace --version | sed 's/^/# /'
caches=$(cache_count)
for way in $(attach_ways) none; do
	slubnode-trace --json trace --attach $way -d 0.1 >out 2>err
	is $? 0 "$way: exit status" || note "$(cat err)"
	is "$(sed -n '1s/.*"probes":"\([^"]*\)".*/\1/p' out)" $way "$way: no other method is used"
	is "$(sed -n '1s/.*"caches":\([0-9]*\).*/\1/p' out)" "$caches" "$way: $caches caches"
done
done_testing
