# SPDX-License-Identifier: GPL-2.0-only
#
# Draw how much longer a load takes beside each program, as SVG: a bar for each row of
# workload.NAME in the results, relative to workload.bare. It needs median.awk.
$2 ~ /^workload\./ && $2 !~ /^workload\.rss/ {
	name = substr($2, 10)
	if (!(name in count))
		names[++bars] = name
	add_value(name, $3)
}

END {
	bare = median("bare")
	if (!bare)
		exit 1
	for (i = 1; i <= bars; i++)
		largest = median(names[i]) > largest ? median(names[i]) : largest
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"" bars * 28 + 16 "\" font-family=\"sans-serif\" font-size=\"13\">"
	print "<!-- SPDX-License-Identifier: GPL-2.0-only -->"
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
	for (i = 1; i <= bars; i++) {
		y = i * 28 - 14
		value = median(names[i])
		printf "<text x=\"190\" y=\"%d\" text-anchor=\"end\">%s</text>\n", y + 10, names[i]
		printf "<rect x=\"200\" y=\"%d\" width=\"%.1f\" height=\"18\" fill=\"%s\"/>\n", y - 4, value / largest * 440,
			names[i] == "trace" ? "#2a6fb0" : "#b0b0b0"
		printf "<text x=\"%.1f\" y=\"%d\">%.3f</text>\n", 206 + value / largest * 440, y + 10, value / bare
	}
	print "</svg>"
}
