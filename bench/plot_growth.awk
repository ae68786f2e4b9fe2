# SPDX-License-Identifier: GPL-2.0-only
#
# Draw how the cost grows with the machine, as SVG: what=time or what=memory over the caches, the
# nodes and the CPUs, on logarithmic axes. The first file is bench/growth, the second one has the
# results. It needs median.awk.
BEGIN {
	left = 70; top = 46; width = 210; height = 260; gap = 60
	if (what == "time")
		nr_rows = split("report|cycle.trace|cycle.tool|idle", rows, "|")
	else
		nr_rows = split("report.memory|rss|maps", rows, "|")
	label["report"] = "report"
	label["cycle.trace"] = "offline + online beside trace"
	label["cycle.tool"] = "trace itself, for that"
	label["idle"] = "trace, idle for 60 s"
	label["report.memory"] = "report, resident"
	label["rss"] = "trace, resident"
	label["maps"] = "trace, maps of BPF"
	split("#2a6fb0|#c0504d|#d99a2b|#5a8f3c", colors, "|")
	unit = what == "time" ? 1e6 : 1048576
}
FNR == 1 { file++ }
/^#/ { next }
file == 1 { split($0, part, "|"); names[++nr_names] = part[1]; next }
$2 ~ /^growth\./ { add_value($2, $3) }

function log10(v) { return log(v) / log(10) }

# Add the point of a name to a panel, at the row's value on the x axis.
function add_point(panel, name, row) {
	if (!count["growth." name "." row])
		return
	points[panel, ++nr_points[panel]] = name
	x_of[panel, name] = median("growth." name "." row)
	if (nr_points[panel] == 1 || x_of[panel, name] < x_low[panel]) x_low[panel] = x_of[panel, name]
	if (x_of[panel, name] > x_high[panel]) x_high[panel] = x_of[panel, name]
}

function x_at(panel, name,    share) {
	share = x_high[panel] > x_low[panel] ? log10(x_of[panel, name] / x_low[panel]) / log10(x_high[panel] / x_low[panel]) : 0.5
	return left + (panel - 1) * (width + gap) + 14 + share * (width - 28)
}

# Values below the axis, such as an idle time of zero, lie on it.
function y_at(value) {
	value = value < 10 ^ low ? 10 ^ low : value
	return top + height - log10(value / 10 ^ low) / (high - low) * height
}

function draw_panel(panel, title,    i, x, decade) {
	x = left + (panel - 1) * (width + gap)
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x + width / 2, top + height + 42, title
	for (decade = low; decade <= high; decade++) {
		printf "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>\n", x, x + width, y_at(10 ^ decade), y_at(10 ^ decade)
		printf "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", x - 6, y_at(10 ^ decade) + 4, 10 ^ decade
	}
	for (i = 1; i <= nr_points[panel]; i++)
		printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x_at(panel, points[panel, i]), top + height + 20,
			x_of[panel, points[panel, i]]
}

function draw_line(panel, r,    i, name, value, path) {
	for (i = 1; i <= nr_points[panel]; i++) {
		name = points[panel, i]
		if (!count["growth." name "." rows[r]])
			continue
		value = median("growth." name "." rows[r]) / unit
		path = path sprintf("%.1f,%.1f ", x_at(panel, name), y_at(value))
		printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x_at(panel, name), y_at(value), colors[r]
	}
	printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", path, colors[r]
}

END {
	low = what == "time" ? -1 : 0
	for (i = 1; i <= nr_names; i++) {
		# The base is in the panel of the caches and in that of the nodes.
		if (names[i] ~ /^caches/) add_point(1, names[i], "caches")
		if (names[i] ~ /^nodes/ || i == 1) add_point(2, names[i], "nodes")
		if (names[i] ~ /^cpus/) add_point(3, names[i], "cpus")
		for (r = 1; r <= nr_rows; r++)
			largest = median("growth." names[i] "." rows[r]) / unit > largest ? median("growth." names[i] "." rows[r]) / unit : largest
	}
	if (!nr_points[1] || !largest)
		exit 1
	high = int(log10(largest)) + 1
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"13\">\n",
		left + 3 * (width + gap), top + height + 56
	print "<!-- SPDX-License-Identifier: GPL-2.0-only -->"
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
	printf "<text x=\"10\" y=\"22\">%s</text>\n", what == "time" ? "ms" : "MiB"
	for (r = 1; r <= nr_rows; r++) {
		printf "<rect x=\"%d\" y=\"12\" width=\"12\" height=\"12\" fill=\"%s\"/>\n", left + (r - 1) * 205, colors[r]
		printf "<text x=\"%d\" y=\"22\">%s</text>\n", left + (r - 1) * 205 + 18, label[rows[r]]
	}
	draw_panel(1, "caches")
	draw_panel(2, "nodes")
	draw_panel(3, "CPUs, times of a clock")
	for (panel = 1; panel <= 3; panel++)
		for (r = 1; r <= nr_rows; r++)
			draw_line(panel, r)
	print "</svg>"
}
