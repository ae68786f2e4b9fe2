# SPDX-License-Identifier: GPL-2.0-only
#
# The values of the rows: values[KEY, 1] to values[KEY, count[KEY]].

function add_value(key, value) {
	values[key, ++count[key]] = value
}

# Sort the values of a row.
function sort_values(key,    i, j, v) {
	for (i = 2; i <= count[key]; i++) {
		v = values[key, i]
		for (j = i - 1; j > 0 && values[key, j] > v; j--)
			values[key, j + 1] = values[key, j]
		values[key, j + 1] = v
	}
}

# Return the median of a row's values, or "" if it has none.
function median(key,    n) {
	n = count[key]
	if (!n)
		return ""
	sort_values(key)
	return n % 2 ? values[key, (n + 1) / 2] : (values[key, n / 2] + values[key, n / 2 + 1]) / 2
}
