#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# Print the options that a kernel needs to be judged and does not have, one a line, with
# their purpose. No output means that nothing is missing.
#
#   needs.sh host CONFIG        check all options of CONFIG, before the kernel is booted
#   needs.sh boot               print the options that a boot needs
#   needs.sh nodes [CONFIG]     in the guest: check the options for a removable node
#   needs.sh programs [CONFIG]  in the guest: check the options for tracing
#
# In the guest the options are checked by the configuration, if it is known, otherwise by
# the files of /proc and /sys. If $btf names a file with the kernel's BTF, the kernel needs none of its
# own.

# option OPTION WHAT: print the option if the configuration lacks it
option()
{
	grep -q "^$1=[ym]" "$config" || echo "$1	$2"
}

boot()
{
	option CONFIG_64BIT "the tool is an x86-64 program"
	option CONFIG_BLK_DEV_INITRD "the guest's root is an initramfs"
	option CONFIG_BINFMT_ELF "programs"
	option CONFIG_BINFMT_SCRIPT "/init is a script"
	option CONFIG_SERIAL_8250_CONSOLE "the guest writes to serial ports"
	option CONFIG_DEVTMPFS "/dev"
	option CONFIG_PROC_FS "/proc"
	option CONFIG_SYSFS "/sys"
	option CONFIG_TMPFS "/tmp"
}

# need OPTION WHAT SIGN...: SIGN is a command that succeeds where the option is set
need()
{
	local name=$1 what=$2

	shift 2
	if [ -n "$config" ]; then
		option "$name" "$what"
	else
		"$@" >/dev/null 2>&1 || echo "$name	$what"
	fi
}

# Return 0 if BTF has the iterator over caches, which newer kernels use instead of the list.
has_iterator() { grep -q -a bpf_iter__kmem_cache /sys/kernel/btf/vmlinux 2>/dev/null; }
has_symbol() { grep -q " $1\$" /proc/kallsyms; }
# Since Linux 5.9 the attribute depends on the option and not on the block.
removable() { grep -q 1 /sys/devices/system/memory/memory*/removable; }

nodes()
{
	need CONFIG_NUMA "nodes" test -d /sys/devices/system/node
	# Nodes may be missing because the machine has none: there is no sign of the option.
	[ -z "$config" ] || option CONFIG_ACPI_NUMA "nodes, as the firmware describes them"
	need CONFIG_MEMORY_HOTPLUG "adding memory" \
		test -e /sys/devices/system/memory/auto_online_blocks
	need CONFIG_ACPI_HOTPLUG_MEMORY "the machine's removable memory" \
		test -d /sys/firmware/acpi/hotplug/memory
	need CONFIG_MEMORY_HOTREMOVE "removing memory" removable
	need CONFIG_SLUB "node structures" test -d /sys/kernel/slab
}

programs()
{
	local tracing=/sys/kernel/tracing

	need CONFIG_BPF_SYSCALL "BPF programs" test -e /proc/sys/kernel/unprivileged_bpf_disabled
	[ -n "$btf" ] || need CONFIG_DEBUG_INFO_BTF "BPF programs that fit this kernel" test -e /sys/kernel/btf/vmlinux
	need CONFIG_PERF_EVENTS "attaching BPF programs" \
		test -e /proc/sys/kernel/perf_event_paranoid
	need CONFIG_KALLSYMS "addresses of functions" grep -q . /proc/kallsyms
	# Before a boot nothing tells whether the kernel has the iterator: distributions backport.
	if [ "$mode" != host ]; then
		has_iterator ||
			need CONFIG_KALLSYMS_ALL "the list of caches" has_symbol slab_caches
		[ -e $tracing/available_filter_functions ] || [ -e $tracing/kprobe_events ] ||
			echo "CONFIG_FUNCTION_TRACER or CONFIG_KPROBE_EVENTS	probes"
	fi
	if [ -n "$config" ]; then
		for name in EPOLL SIGNALFD TIMERFD UNIX; do
			option CONFIG_$name "the tool itself"
		done
	fi
}

mode=$1 config=${2:-}
case $mode in
host) boot; nodes; programs ;;
boot) config=/dev/null; boot ;;
nodes | programs)
	if [ -e /proc/config.gz ]; then
		config=/tmp/config
		zcat /proc/config.gz >$config
	fi
	$mode ;;
esac
