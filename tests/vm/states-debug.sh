# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The same as states.sh with slab debugging, whose objects are larger and have their free-list
# word behind them; with slabs of eight pages, whose structures lie on tail pages; and with
# pages that are cleared when they are freed.
# kernels: 5.10 7.x (the first and the last layout of slabs and objects)
# timeout: 120
# needs: built victim
# needs: beside object_states
# append: slub_debug=FZPU slab_debug=FZPU slub_min_order=3 init_on_free=1
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/states.sh
. /lab/states.sh

check_states
done_testing
