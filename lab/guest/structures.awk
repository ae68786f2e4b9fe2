# SPDX-License-Identifier: GPL-2.0-only
#
# Count the structures of a trace by event, by cause and by node, and separately those of
# caches that do not belong to the churn; facts.jq counts the other objects.
# The fields lie between quotation marks: {"type":"structure","event":"freed",
# "time_ns":1,"node":1,"cache":"dentry", ... "cause":"offline", ...
$4 == "structure" {
	event = $8
	node = $13
	gsub(/[^0-9]/, "", node)
	for (i = 20; i < NF && $i != "cause"; i++)
		;
	count["count." event]++
	count["count." event "." $(i + 2)]++
	count["count." event ".node" node]++
	nodes[node]
	if ($16 ~ /^(fat|isofs)_/)
		next
	count["stable." event ".node" node]++
	count["stable.all"]++
}
END {
	for (name in count)
		print name, count[name]
	for (node in nodes)
		print "structures.node", node
}
