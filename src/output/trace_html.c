// SPDX-License-Identifier: GPL-2.0-only
/*
 * HTML of `trace': a page (html/) whose data are the JSON Lines of the run. All code of the page
 * precedes the data, so that a page that was cut off shows what it has.
 */
#include <stdlib.h>
#include "base/embedded.h"
#include "output/trace_json.h"

/* build/page.html.zst, up to the data; the Makefile tells the assembler the folder. */
__asm__(".pushsection .rodata\n"
	"page_zst: .incbin \"page.html.zst\"\n"
	"page_zst_end:\n"
	".popsection\n");
extern const unsigned char page_zst[], page_zst_end[];

/* If memory is short, the page has its data and no code. */
static void put_page(FILE *out)
{
	size_t len;
	char *page = embedded_content(page_zst, page_zst_end - page_zst, &len);

	if (page)
		fwrite(page, 1, len, out);
	else
		fputs("<!DOCTYPE html>\n<script type=\"application/jsonl\" id=\"data\">\n", out);
	free(page);
}

static void trace_html_start(struct view *v, const struct facts *f)
{
	put_page(v->out);
	trace_json_start(v, f);
}

static void trace_html_summary(struct view *v, const struct model *m, __u64 time_ns)
{
	trace_json_summary(v, m, time_ns);
	fputs("</script>\n</body>\n</html>\n", v->out);
}

const struct view_ops view_html = {
	.page = true,
	.start = trace_html_start,
	.transition = trace_json_transition,
	.offline_failed = trace_json_offline,
	.finding = trace_json_finding,
	.lost = trace_json_lost,
	.summary = trace_html_summary,
};
