// SPDX-License-Identifier: GPL-2.0-only
/* The page of `trace --format html', whose data are the lines of JSON. */
#include "fake_model.h"
#include "output/trace_view.h"

#define HOSTILE  "</script><b>"
#define DATA     "<script type=\"application/jsonl\" id=\"data\">\n"
#define PAGE_END "</script>\n</body>\n</html>\n"

static struct view view;

static void on_transition(void *context, const struct transition *t)
{
	(void)context;
	view.ops->transition(&view, t);
}

static int setup(void **state)
{
	model_setup(state);
	observer.transition = on_transition;
	return 0;
}

/*
 * Trace a cycle of a kernel with a cache of a hostile name. Returns the text, which the caller
 * frees.
 */
static char *cycle(const struct view_ops *ops)
{
	struct facts facts;
	size_t len;
	char *text;

	view = (struct view){ .ops = ops };
	view.out = open_memstream(&text, &len);
	assert_non_null(view.out);
	begin(RETAINS, 2);
	k.now = 0;
	k.comm = "<sh>";
	for (int nid = 0; nid < 2; nid++)
		k.slab_node[nid] = true;
	cache_make("kmem_cache_node");
	cache_make(HOSTILE);
	first_look();
	model_facts(m, &facts);
	view.zero_ns = k.now;
	view.ops->start(&view, &facts);
	offline(1);
	online(1);
	finish();
	view.ops->summary(&view, m, k.now);
	fclose(view.out);
	return text;
}

/* Begin another session. */
static void again(void **state)
{
	model_teardown(state);
	setup(state);
}

static void the_data_are_the_lines_of_json(void **state)
{
	char *json = cycle(&view_json), *html, *data, *end;

	again(state);
	html = cycle(&view_html);
	assert_memory_equal(html, "<!DOCTYPE html>\n", 16);
	data = strstr(html, DATA);
	assert_non_null(data);
	data += strlen(DATA);
	end = strchr(data, '<'); /* no line has one */
	assert_non_null(end);
	assert_string_equal(end, PAGE_END);
	*end = '\0';
	assert_string_equal(data, json);
	assert_non_null(strstr(data, "\"cache\":\"\\u003C/script>\\u003Cb>\""));
	assert_non_null(strstr(data, "\"comm\":\"\\u003Csh>\""));
	free(json);
	free(html);
}

/* The data have the caveats of the run, and the filter. */
static void what_a_run_cannot_show(void **state)
{
	char *json = cycle(&view_json);

	assert_non_null(strstr(json, "\"caveats\":[],"));
	assert_null(strstr(json, "\"only_"));
	free(json);
	again(state);
	filter_add_cache(&filter, HOSTILE);
	filter_add_cache(&filter, "none*");
	filter_add_nodes(&filter, "1");
	json = cycle(&view_json);
	assert_non_null(strstr(
		json,
		"\"only_nodes\":\"1\",\"only_caches\":[\"\\u003C/script>\\u003Cb>\",\"none*\"]"));
	assert_non_null(strstr(
		json,
		"\"caveats\":[{\"reason\":\"no cache matched 'none*'\",\"hint\":\"`slubnode-trace report "));
	assert_non_null(strstr(json, "\"verdict_only\":true,\"tiers\":[]}]"));
	free(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_data_are_the_lines_of_json, setup,
						model_teardown),
		cmocka_unit_test_setup_teardown(what_a_run_cannot_show, setup, model_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
