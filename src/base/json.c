// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include "base/json.h"
#include "output/trace_view.h"

#define NAME_ROOM (4 * CACHE_NAME_LEN + 1)

static bool failed;

bool json_failed(void)
{
	return failed;
}

void json_line(FILE *out, json_t *object)
{
	if (!object || json_dumpf(object, out, JSON_COMPACT))
		failed = true;
	if (!object)
		return;
	fputc('\n', out);
	json_decref(object);
}

json_t *json_text(const char *bytes)
{
	json_t *string = json_string(bytes);
	char escaped[NAME_ROOM];

	return string ? string : json_string(escape_text(escaped, sizeof(escaped), bytes));
}

json_t *json_hex(__u64 value)
{
	char hex[32];

	snprintf(hex, sizeof(hex), "0x%" PRIx64, (uint64_t)value);
	return json_string(hex);
}

json_t *json_address(__u64 value)
{
	return value ? json_hex(value) : json_null();
}

json_t *json_number(__u64 value)
{
	return json_integer((json_int_t)value);
}
