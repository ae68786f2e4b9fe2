// SPDX-License-Identifier: GPL-2.0-only
#include "output/schema.h"

#define SCHEMA_VERSION 1

void schema_put_json(struct json *j, const void *unused)
{
	(void)unused;
	json_number(j, SCHEMA_VERSION);
}
