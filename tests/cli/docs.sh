# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The documents agree with the tool and with the tree.
. "$(dirname "$0")/tap.bash"
tool=./slubnode-trace

# The commands that the tool lists.
commands()
{
	$tool --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

# The options in a help text, one a line: "-d" and "--duration" each.
options_of_help() # COMMAND...
{
	$tool "$@" --help | sed -nE 's/^ +((-[a-zA-Z?], )?--[a-z-]+).*/\1/p; s/^ +(-[a-zA-Z?])$/\1/p' |
		sed -E 's/, /\n/; s/(\[|=)[^\n]*$//' | grep . | sort -u
}

# The options that a page describes: those in its tags.
options_of_page() # FILE
{
	sed -n '/^\.TP/{n;p;}' "$1" | sed 's/\\-/-/g; s/\\f.//g' |
		grep -oE '(^|[ "[,])-(-[a-z][a-z-]*|[a-zA-Z?])' | sed 's/^[^-]*//' | sort -u
}

same() # NAME WANTED GOT: two lists
{
	diff "$2" "$3" >"$tmp/out" 2>"$tmp/err"
	ok $? "$1"
}

# References of a page, one a line: "slubnode-trace-check.8".
references()
{
	sed -nE 's/.*(slubnode-trace[a-z-]*) \(([0-9])\).*/\1.\2/p' "$1" | sort -u
}

relative_links() # FILE
{
	grep -oE '\]\([^)]+\)' "$1" | sed -E 's/^\]\(//; s/\)$//; s/#.*//' | grep -vE '^(https?:|$)'
}

all_exist() # NAME DIRECTORY: the paths on standard input
{
	local path missing=0

	: >"$tmp/err"
	while read -r path; do
		[[ -e $2/$path ]] && continue
		echo "$path does not exist" >>"$tmp/err"
		missing=1
	done
	ok $missing "$1"
}

: >"$tmp/out"
: >"$tmp/err"
options_of_help >"$tmp/common"
grep -qx -e --help "$tmp/common"
ok $? "--help lists itself"
options_of_page man/slubnode-trace.8 >"$tmp/page"
same "--help and slubnode-trace(8) have the same options" "$tmp/common" "$tmp/page"

# Those of a trace without those of its text, which are not check's.
sed '/^\.SS Text/,/^\.SH/d' man/slubnode-trace-trace.8 >"$tmp/trace.8"
options_of_page "$tmp/trace.8" >"$tmp/tracing"
for command in $(commands); do
	page=man/slubnode-trace-$command.8
	[[ -f $page ]]
	ok $? "$command has a page"
	grep -qE "^\.B $command$" man/slubnode-trace.8
	ok $? "slubnode-trace(8) lists $command"
	options_of_help "$command" | comm -23 - "$tmp/common" >"$tmp/help"
	options_of_page "$page" >"$tmp/page"
	# Its page refers to slubnode-trace-trace(8) for the options of a trace.
	[[ $command != check ]] || sort -u -o "$tmp/page" "$tmp/page" "$tmp/tracing"
	same "--help of $command and its page have the same options" "$tmp/help" "$tmp/page"
done
[[ $(commands | wc -l) -ge 4 ]]
ok $? "--help lists the commands"

for page in man/*.[1-8]; do
	all_exist "the pages to which ${page#man/} refers exist" man < <(references "$page")
done
for document in README.md CONTRIBUTING.md docs/*.md; do
	all_exist "$document and the targets of its links exist" "$(dirname "$document")" \
		< <(basename "$document"; relative_links "$document")
done

# make bench writes both: README.md's lines on cost have the figures of docs/benchmarks.md. Without
# that page there are none.
: >"$tmp/cost"
sed -n '/^<!-- cost -->$/,/^<!-- end of cost -->$/{//!p;}' README.md >"$tmp/readme"
[[ ! -e docs/benchmarks.md ]] || bench/cost docs/benchmarks.md >"$tmp/cost" 2>"$tmp/err"
same "README.md quotes the figures of docs/benchmarks.md" "$tmp/cost" "$tmp/readme"

# The way of a record names files and functions: "FILE FUNCTION", one a line.
way_of_a_record()
{
	sed -n '/^## The way/,/^## Decisions/p' docs/ARCHITECTURE.md |
		sed -nE 's/^\| `([^`]+\.[ch])` \| ([^|]+) \|.*/\1 \2/p' |
		while read -r file functions; do
			grep -oE '[a-z_]+\(\)' <<<"$functions" | sed "s|^|$file |; s/()//"
		done
}

missing=0
while read -r file function; do
	grep -qs "\<$function(" "$file" && continue
	echo "$file has no $function()" >>"$tmp/err"
	missing=1
done < <(way_of_a_record)
[[ $missing -eq 0 && $(way_of_a_record | wc -l) -ge 14 ]]
ok $? "the files of the way of a record have the functions that docs/ARCHITECTURE.md names"

for folder in vmlinux bpf src/*/ lab tests; do
	grep -q "\`${folder%/}/\`" docs/ARCHITECTURE.md
	ok $? "docs/ARCHITECTURE.md names ${folder%/}/"
done
all_exist "the folders that docs/ARCHITECTURE.md names exist" . \
	< <(sed -nE 's/^\| `([a-z/]+\/)` \|.*/\1/p' docs/ARCHITECTURE.md)
done_testing
