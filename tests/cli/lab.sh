# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The lab writes only to its own folders. A file for a guest never replaces a file of this
# machine, neither through a link in the guest's tree nor by a path that leaves the tree.
. "$(dirname "$0")/tap.bash"

tree=$tmp/tree
host=$tmp/host
echo mine >"$host"
echo "for the guest" >"$tmp/file"
mkdir "$tmp/directory"
echo "for the guest" >"$tmp/directory/host"

untouched()
{
	[[ $(<"$host") == mine ]]
	ok $? "the host's file is untouched"
}

# Links in the tree: absolute, relative, and of a directory in the path.
mkdir -p "$tree/bin"
ln -s "$host" "$tree/bin/less"
ln -s ../../host "$tree/bin/more"
ln -s "$tmp" "$tree/opt"
ln -s .. "$tree/srv"
run 0 "a file in place of a link" lab/initrd --tree "$tree" --file "$tmp/file:/bin/less" \
	--file "$tmp/file:/bin/more"
untouched
[[ -f $tree/bin/less && ! -L $tree/bin/less && -f $tree/bin/more && ! -L $tree/bin/more ]]
ok $? "it replaces the link"
for guest in /opt/host /srv/host; do
	run 125 "a link that leads out: $guest" lab/initrd --tree "$tree" --file "$tmp/file:$guest"
	err_has "leads out of the guest's tree"
	untouched
done
run 125 "a directory by such a link" lab/initrd --tree "$tree" --file "$tmp/directory:/srv"
untouched

ups=/../../../../../../../../../..
for guest in "$ups$host" "/bin$ups$host" /bin/../../host ../host host; do
	run 125 "a path that is not a path of the guest: $guest" lab/initrd --tree "$tree" \
		--file "$tmp/file:$guest"
	err_has 'not an absolute path of the guest'
	untouched
done

rm -r "$tree"
run 0 "a tree" lab/initrd --tree "$tree" --file "$tmp/file:/bin/less"
[[ $(<"$tree/bin/less") == "for the guest" ]] && cmp -s "$(command -v busybox)" "$tree/bin/busybox"
ok $? "the tree has the file and busybox"
[[ -z $(find "$tree" -type l) ]]
ok $? "the tree has no link"

# The node of a CPU.
run 125 "a CPU of a node that does not exist" lab/run --cpu-node 2 - </dev/null
err_has "there is no node 2 for a CPU"
run 125 "node 0 without a CPU" lab/run --cpu-node 1 --cpus 1 - </dev/null
err_has "node 0 needs a CPU"

run 125 "instruction counts of two CPUs" lab/run --icount --cpus 2 - </dev/null
err_has "--icount counts the instructions of one CPU, not of 2"
run 125 "instruction counts by KVM" env ACCEL=kvm lab/run --icount - </dev/null
err_has "--icount needs ACCEL=tcg: kvm counts no instructions"

# lab/check-kernel refuses what is wrong before it boots a kernel.
run 2 "check-kernel: a wrong check option" lab/check-kernel 6.12 --expect keep
err_has "invalid argument 'keep' for --expect"
run 2 "check-kernel: an option without its argument" lab/check-kernel 6.12 --max-retained
run 2 "check-kernel: a command" lab/check-kernel 6.12 -- true
err_has '^hint: --cycle FILE'
run 125 "check-kernel: a cycle that does not exist" lab/check-kernel --cycle /no/such/file 6.12
run 125 "check-kernel: an option that does not exist" lab/check-kernel --no-such-option 6.12
# The guest tells whether the list of caches needs CONFIG_KALLSYMS_ALL; a release does not.
run 0 "needs.sh: what is missing before the boot" sh lab/guest/needs.sh host /dev/null
out_has '^CONFIG_BPF_SYSCALL'
! grep -q KALLSYMS_ALL "$tmp/out"
ok $? "CONFIG_KALLSYMS_ALL is asked for in the guest"
done_testing
