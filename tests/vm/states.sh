# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a walk observes of each structure and of the slabs (tests/programs/object_states.c):
# no structure in use is called free, none is unknown, a dropped one is free, and the objects
# in use are as many as the structures.
# timeout: 120
# needs: built victim
# needs: beside object_states
# shellcheck source=lab/guest/lib.sh
. /lab/lib.sh
# shellcheck source=lab/guest/states.sh
. /lab/states.sh

check_states
done_testing
