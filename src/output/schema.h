/* SPDX-License-Identifier: GPL-2.0-only */
/* The version of the JSON Schema, docs/slubnode-trace-1.schema.json, as a field. */
#ifndef SLUBNODE_SCHEMA_H
#define SLUBNODE_SCHEMA_H

#include "base/json.h"

void schema_put_json(struct json *j, const void *unused);

#define FIELD_SCHEMA FIELD_PUT_JSON("schema", schema_put_json)

#endif /* SLUBNODE_SCHEMA_H */
