#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Report each result of a file of KTAP to LAVA: ktap-to-lava.sh FILE. An inconclusive result has not
# passed. LAVA_TEST_CASE names the program (lava-test-case).
sed -nE '
	s/^1\.\.0 # SKIP.*/slubnode skip/p
	s/^(not )?ok [0-9]+ ([^ ]+) # SKIP.*/\2 skip/p
	s/^ok [0-9]+ ([^ ]+)( #.*)?$/\1 pass/p
	s/^not ok [0-9]+ ([^ ]+) # ERROR.*/\1 unknown/p
	s/^not ok [0-9]+ ([^ ]+)( #.*)?$/\1 fail/p' "$1" |
	while read -r name result; do
		"${LAVA_TEST_CASE:-lava-test-case}" "$name" --result "$result"
	done
