# The oracle of race.sh: which reads of /sys/kernel/slab were in flight when the
# structure that they could have fetched was freed, by ftrace's own events:
#
#	enter	show_slab_objects() is entered; s, and s->node[1] at that moment
#	inside	its first instruction, once the probes at its entry are done
#	kfree	it gives back its array, after it has looked at all structures
#	leave	it has returned
#
# The tool's own probes lie between enter and inside, and between kfree and
# leave. A free between inside and kfree is in the window, whoever looks; one
# between a pair of them is in it for one observer and not for the other, and a
# CPU that the machine takes away just there makes milliseconds of it. Printed:
#
#	CYCLE TID ADDRESS sure|edge FROM TO
#
# FROM and TO: microseconds from enter to the free and from the free to leave;
# and "CYCLE begin|end NANOSECONDS", what the trace spans. A line of it:
#   hammer-116  [000] d... 46.856433: enter: (show_slab_objects+0x0/0x420) s=0x.. node=0x..

function tell(task, at,    verdict)
{
	verdict = "edge"
	if (at > inner[task] + edge && (!(task in done) || at < done[task] - edge))
		verdict = "sure"
	printf "%d %s %s %s %.0f %.0f\n", cycle, task, address[task], verdict,
		at - entered[task], now - at
}

/^#/ { next }
{
	task = $1
	sub(/.*-/, "", task)
	now = $4 * 1000000
	if (!begun++)
		printf "%d begin %.0f\n", cycle, now * 1000
}
$5 == "enter:" {
	entered[task] = now
	address[task] = substr($8, 6)
	inner[task] = now + 1000000000
	delete done[task]
	flying[task]
	next
}
$5 == "inside:" { if (task in flying) inner[task] = now; next }
$5 == "kfree:" { if (task in flying) done[task] = now; next }
$5 == "leave:" {
	if (task in overlap)
		tell(task, overlap[task])
	delete overlap[task]
	delete flying[task]
	left[task] = now
	next
}
$5 == "kmem_cache_free:" {
	pointer = "0x" substr($7, 5)
	frees++
	for (task in address) {
		if (address[task] != pointer)
			continue
		if (task in flying)
			overlap[task] = now
		else if (now - left[task] < edge)
			printf "%d %s %s edge 0 0\n", cycle, task, pointer
	}
}
END {
	printf "%d end %.0f\n", cycle, now * 1000
	print cycle, "frees", frees + 0
}
