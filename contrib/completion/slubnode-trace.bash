# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Completion of slubnode-trace(8) for bash. The options are those of --help; caches and nodes are those
# of the running machine.

_slubnode_trace_caches()
{
	local path name

	for path in /sys/kernel/slab/*; do
		name=${path##*/}
		# A name that begins with a colon is an alias of several caches.
		[[ $name == [:*]* ]] || printf '%s\n' "$name"
	done
}

_slubnode_trace_nodes()
{
	local path

	for path in /sys/devices/system/node/node[0-9]*; do
		printf '%s\n' "${path##*/node}"
	done
}

# Complete a list, separated by commas, of words.
_slubnode_trace_list()
{
	local before=

	[[ $cur != *,* ]] || before=${cur%,*},
	mapfile -t COMPREPLY < <(compgen -P "$before" -W "$*" -- "${cur##*,}")
}

_slubnode_trace_words() { mapfile -t COMPREPLY < <(compgen -W "$*" -- "$cur"); }

_slubnode_trace_files()
{
	mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	compopt -o filenames 2>/dev/null
}

# Complete the argument of an option. Returns 1 if it has none.
_slubnode_trace_argument() # OPTION
{
	case $1 in
	--node)		_slubnode_trace_list "$(_slubnode_trace_nodes)" ;;
	--cache | --watch-cache)
			mapfile -t COMPREPLY < <(_slubnode_trace_caches | while read -r name; do
				[[ $name != "$cur"* ]] || printf '%q\n' "$name"
			done) ;;
	--format)	_slubnode_trace_words text json html perfetto ;;
	--color)	_slubnode_trace_words auto always never ;;
	--attach)	_slubnode_trace_words auto fentry kprobe kprobe.session none ;;
	--detect | --require)
			_slubnode_trace_list call window watchpoint canary all none ;;
	--expect)	_slubnode_trace_words retain free nothing ;;
	--exit-codes)	_slubnode_trace_words own kselftest ltp ;;
	--sort)		_slubnode_trace_words charged requested structures name ;;
	-t | --time)	_slubnode_trace_words wall relative monotonic ;;
	-o | --output | -i | --input | --record | --btf | --junit | --text)
			_slubnode_trace_files ;;
	-d | --duration | --sweep | --watch-turn | --ring-buffer | --record-size | --ready-fd | --watch-field | --allow | \
	--max-retained | --min-coverage | --top)
			;; # a number or a pattern: nothing to suggest
	*)		return 1 ;;
	esac
}

_slubnode_trace()
{
	local cur=$2 prev=$3 command='' i

	COMPREPLY=()
	# "=" is a word of its own: --color = al
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--)	# CMD
			if ((i + 1 == COMP_CWORD)); then
				mapfile -t COMPREPLY < <(compgen -c -- "$cur")
			else
				_slubnode_trace_files
			fi
			return ;;
		trace | check | report | probes | bugreport)
			command=${command:-${COMP_WORDS[i]}} ;;
		help)	[[ $command ]] || command=help ;;
		esac
	done
	_slubnode_trace_argument "$prev" && return
	if [[ $cur == -* && $command != help ]]; then
		# shellcheck disable=SC2086
		_slubnode_trace_words "$("$1" $command --help 2>/dev/null |
			sed -nE 's/^ +((-[a-zA-Z]), )?(--[a-z-]+).*/\2 \3/p')"
	elif [[ ! $command ]]; then
		_slubnode_trace_words trace check report probes bugreport help
	elif [[ $command == help ]]; then
		_slubnode_trace_words trace check report probes bugreport
	fi
}

complete -F _slubnode_trace slubnode-trace
