# SPDX-License-Identifier: GPL-2.0-only
#
# Print the facts of a trace that scenarios use, one "NAME VALUE" a line. One run prints
# all of them, because jq takes half a second to start in a guest. structures.awk counts
# the structures.
#
#   start.FIELD, total.FIELD, trust.FIELD, lost, last (the last object's type)
#   node.NID.FIELD          of the summary
#   count.EVENT             objects with that event, and by node
#   events.node             the nodes' transitions, in order
def scalars_of($prefix): to_entries[] | select(.value | type != "array" and type != "object")
	| "\($prefix).\(.key) \(.value)";

reduce inputs as $e ({count: {}, nodes: []};
	.last = $e
	| if $e.type == "start" then .start = $e else . end
	| if $e.type == "node" then
		.nodes += [$e.event]
		| (if $e.movable_only then .count.movable_only += 1 else . end)
	  else . end
	| if $e.event then
		.count[$e.event] += 1
		| .count["\($e.event).\($e.cause)"] += 1
		| .count["\($e.event).node\($e.node)"] += 1
	  else .count[$e.type] += 1 end)
| .last as $s
| (.start | scalars_of("start")),
  ($s.total // {} | scalars_of("total")),
  ($s.trust // {} | scalars_of("trust")),
  ($s.nodes // [] | .[] | scalars_of("node.\(.node)")),
  (.count | scalars_of("count")),
  "lost \($s.lost)", "last \($s.type)", "caches \($s.caches // [] | length)",
  "events.node \(.nodes | join(" "))"
