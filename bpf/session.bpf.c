// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs of kprobe sessions (Linux 6.10): one runs at the entry and at the return of several
 * functions, and the cookie names the function. The cold functions share one program, so that the
 * verifier checks once what they share, and one link, so that its removal waits once.
 */
#include "bpf/lifetime.bpf.h"
#include "bpf/readers.bpf.h"

/* Set by user space before the load: the notifier is one of the functions. */
const volatile bool session_has_notifier = false;

static __always_inline void cold_returned(struct pt_regs *ctx, __u32 function, __u64 frame)
{
	if (function == FUNCTION_NOTIFIER && !session_has_notifier)
		return;
	if (function >= READERS)
		function_returned(ctx, function, frame);
	else if (detect)
		cookie_returned(ctx, function, frame);
}

/* Returns 1 if nothing is to be done at the return of the function, otherwise 0. */
static __always_inline int cold_entered(struct pt_regs *ctx, __u32 function, __u64 frame)
{
	if (function == FUNCTION_NOTIFIER && !session_has_notifier)
		return 1;
	if (function >= READERS)
		return function_entered(ctx, function, frame);
	if (detect)
		cookie_entered(ctx, function, frame);
	return 0;
}

SEC("kprobe")
int session_cold(struct pt_regs *ctx)
{
	__u32 function = bpf_get_attach_cookie(ctx);
	__u64 *frame = session_frame(ctx);

	if (session_is_return(ctx)) {
		cold_returned(ctx, function, *frame);
		return 0;
	}
	*frame = frame_of_entry(ctx);
	return cold_entered(ctx, function, frame_of_entry(ctx));
}

/*
 * Hot readers. An entry that returns 1 has no return: while no node changes, the return of a hot
 * reader costs nothing.
 */
SEC("kprobe")
int session_hot(struct pt_regs *ctx)
{
	if (!session_is_return(ctx) && !hot_is_timed(PT_REGS_PARM1(ctx)))
		return 1;
	go_on_as(ctx, COLD_SESSION);
	return 0;
}

SEC("kprobe")
int session_allocate_slab(struct pt_regs *ctx)
{
	if (session_is_return(ctx))
		slab_returned(PT_REGS_RC(ctx));
	return 0;
}
