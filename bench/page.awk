# SPDX-License-Identifier: GPL-2.0-only
#
# Write the page of the benchmarks. The first file has the results, KERNEL|ROW|VALUE, where a row
# can be repeated; its lines "about|KEY|WORD|WORD..." describe the machine. The second file has the goals,
# and a third one the alternatives. "head" and "large" are files for the
# top and the end of the page, "growth" is bench/growth or "".
# It needs median.awk.

# Return how far the smallest and the largest value are from each other, as a part of the median.
function spread(key,    m) {
	m = median(key)
	return m > 0 ? sprintf("%.1f %%", (values[key, count[key]] - values[key, 1]) * 100 / m) : "-"
}

function in_unit(v, unit) {
	if (unit == "ms") return v / 1e6
	if (unit == "MB") return v / 1e6
	if (unit == "MiB") return v / 1048576
	return v
}

function format(v, unit) {
	if (unit == "times" && v < 10) return sprintf("%.3f", v)
	if (v >= 100 || v == int(v)) return sprintf("%.0f", v)
	return sprintf(v >= 10 ? "%.1f" : "%.2f", v)
}

# Return the value of a line of goals for a row, or "" if it was not measured.
function value_of(kernel, row, base, unit,    how, v, b) {
	if (!count[kernel, row])
		return ""
	v = median(kernel SUBSEP row)
	if (base == "")
		return in_unit(v, unit)
	how = substr(base, 1, 1)
	base = substr(base, 2)
	if (!count[kernel, base])
		return ""
	b = median(kernel SUBSEP base)
	if (how == "-")
		return in_unit(v - b, unit)
	if (b <= 0)
		return ""
	return how == "/" ? (v - b) * 100 / b : v / b
}

# Return what the page says about the goal.
function verdict(value, goal, floor) {
	if (value == "") {
		failed = 1
		return "not measured"
	}
	if (goal == "")
		return ""
	if (value + 0 <= goal + 0)
		return "yes"
	if (floor != "" && value + 0 <= 1.3 * floor)
		return "within 1.3 of the floor"
	failed = 1
	return "**no**"
}

# Return the median of a row of bench/growth.sh for the page.
function grown(name, row, unit,    key) {
	key = "6.12" SUBSEP "growth." name "." row
	if (!count[key]) {
		failed = 1
		return "not measured"
	}
	return format(in_unit(median(key), unit))
}

function growth_table(    line, part) {
	table("Growth", "caches|nodes|CPUs|`report`, ms|MiB|offline and online, ms|beside `trace`, ms|`trace` itself, ms|" \
		"idle for 60 s, ms|wake-ups|resident, MiB|maps, MiB")
	while ((getline line <growth) > 0) {
		if (line ~ /^#/)
			continue
		split(line, part, "|")
		printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", grown(part[1], "caches"),
			grown(part[1], "nodes"), part[4] == "" ? "1, counted" : part[4], grown(part[1], "report", "ms"),
			grown(part[1], "report.memory", "MiB"), grown(part[1], "cycle.bare", "ms"),
			grown(part[1], "cycle.trace", "ms"), grown(part[1], "cycle.tool", "ms"), grown(part[1], "idle", "ms"),
			grown(part[1], "idle.wakeups"), grown(part[1], "rss", "MiB"), grown(part[1], "maps", "MiB")
	}
	print "\n![How the CPU time grows](benchmarks-time.svg)\n\n![How the memory grows](benchmarks-memory.svg)"
}

function table(title, columns,    i, n, line, rule, names) {
	if (title != "")
		print "\n## " title "\n"
	n = split(columns, names, "|")
	for (i = 1; i <= n; i++) {
		line = line "| " names[i] " "
		rule = rule "|---"
	}
	print line "|\n" rule "|"
}

FNR == 1 { file++ }
file == 1 && $1 == "about" {
	text = $3
	for (i = 4; i <= NF; i++)
		text = text " " $i
	about[$2] = text
	next
}
# Not a value: its row is not measured.
file == 1 && $3 !~ /^[0-9]+$/ { next }
file == 1 {
	add_value($1 SUBSEP $2, $3)
	if ($2 ~ /^program\.runs\./ && !($2 in seen)) {
		seen[$2] = 1
		programs[++nr_programs] = substr($2, 14)
	}
	next
}
FNR == 1 && file == 3 { table("The alternatives", "program|kernel|value|unit|spread|floor|goal|met") }
/^#/ { next }
!nr_goals++ {
	while ((getline line <head) > 0)
		print line
	print "Measured: " about["date"] "; the tool: " about["tool"] "; " about["qemu"] "; " about["clang"] "; kernels " about["kernels"] \
		(about["peers"] == "" ? "" : "; " about["peers"]) "."
	table("Goals", "figure|kernel|value|unit|spread|floor|goal|met")
}
{
	value = value_of($1, $2, $3, $4)
	floor = $6 == "" ? "" : value_of($1, $6, $3, $4)
	# Less than nothing: a difference that is smaller than its spread.
	floor = floor != "" && floor < 0 ? 0 : floor
	printf "| %s | %s | %s | %s | %s | %s | %s | %s |\n", $7, $1, value == "" ? "not measured" : format(value, $4), $4,
		value == "" ? "" : spread($1 SUBSEP $2), floor == "" ? "" : format(floor, $4), $5, verdict(value, $5, floor)
}
END {
	if (file == 3)
		print "\n![How much longer a load on the allocator takes beside each program](benchmarks.svg)"
	if (growth != "")
		growth_table()
	if (nr_programs) {
		table("BPF programs", "program|runs|ms|instructions a run")
		for (i = 1; i <= nr_programs; i++) {
			runs = median("6.12" SUBSEP "program.runs." programs[i])
			time = median("6.12" SUBSEP "program.time." programs[i])
			if (runs)
				printf "| %s | %d | %s | %d |\n", programs[i], runs, format(time / 1e6), time / runs
		}
	}
	while (growth != "" && (getline line <large) > 0)
		print line
	exit failed
}
