# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Completion in the real shells: bash, zsh and fish. Each function `complete_in_SHELL LINE' prints what the
# shell suggests at the end of the line, one word a line.
. "$(dirname "$0")/tap.bash"
completion=$PWD/contrib/completion
export PATH=$PWD:$PATH

complete_in_bash()
{
	bash --norc --noprofile -c '
		. "$1/slubnode-trace.bash"
		# As readline does: "=" and spaces separate words.
		line=$2 COMP_WORDS=()
		while [[ $line =~ ^\ *(=|[^\ =]+)(.*)$ ]]; do
			COMP_WORDS+=("${BASH_REMATCH[1]}")
			line=${BASH_REMATCH[2]}
		done
		[[ $2 != *\  ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$2 COMP_POINT=${#2}
		_slubnode_trace slubnode-trace "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$completion" "$1" 2>"$tmp/err"
}

# zsh completes only on a terminal: a shell in a pseudo-terminal lists the matches, and says so when it
# has them all.
complete_in_zsh()
{
	timeout 30 zsh -f -c '
		zmodload zsh/zpty
		zpty shell zsh -f -i
		zpty -w shell "PS1= PS2= RPS1="
		zpty -w shell "stty -echo; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D"
		zpty -w shell "zle_highlight=(none); LISTMAX=10000; COLUMNS=400 LINES=500; unsetopt BEEP"
		# Print the matches in place of inserting them.
		zpty -w shell "compadd () { local -a _all; builtin compadd -O _all \"\$@\"
			print -rl -- \$_all >>\"$3\"; builtin compadd \"\$@\"; }"
		# The terminal echoes these lines, which must not have the words that are waited for.
		zpty -w shell "complete_all () { zle complete-word; print -r -- MATCHES\"\"END; }"
		zpty -w shell "zle -N complete_all; bindkey \"^I\" complete_all; print -r -- REA\"\"DY"
		zpty -r shell line "*READY*"
		zpty -w -n shell "$2"$'"'\t'"'
		zpty -r shell line "*MATCHESEND*"
		zpty -d shell' zsh "$completion" "$1" "$tmp/zsh" >/dev/null 2>"$tmp/err"
	sort -u "$tmp/zsh"
}

complete_in_fish()
{
	HOME=$tmp fish --no-config -c 'source $argv[1]/slubnode-trace.fish; complete -C $argv[2]' \
		"$completion" "$1" 2>"$tmp/err" | cut -f 1
}

# suggests LINE WORD...: the shell suggests each of the words at the end of the line
suggests()
{
	local line=$1 word missing=()

	shift
	: >"$tmp/zsh"
	"complete_in_$shell" "$line" >"$tmp/out"
	for word; do
		grep -qxF -e "$word" "$tmp/out" || missing+=("$word")
	done
	[[ ${#missing[@]} -eq 0 ]]
	ok $? "$shell: '$line' suggests ${*:1:4}${missing[*]:+; missing: ${missing[*]}}"
}

# The long options of a command's help, and those with an argument: "--expect=WHAT".
options_of() { slubnode-trace "$@" --help | sed -nE 's/^ +(-[a-zA-Z], )?(--[a-z-]+).*/\2/p'; }
arguments_of() { slubnode-trace "$@" --help | sed -nE 's/^ +(-[a-zA-Z], )?(--[a-z-]+=[^ ]+).*/\2/p'; }

# The words that an option accepts, as its error lists them.
words_of() # COMMAND OPTION
{
	slubnode-trace "$1" "$2=?" --help 2>&1 | sed -n 's/^hint: use one of //p' | tr -d ,
}

mapfile -t commands < <(slubnode-trace --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
[[ ${#commands[@]} -ge 5 ]]
ok $? "--help lists the commands: ${commands[*]}"

# What follows options, once for each option: "trace --attach auto fentry none", and "trace --record FILE".
for command in "${commands[@]}"; do
	while IFS='=' read -r option argument; do
		words=$(words_of "$command" "$option")
		[[ $argument != FILE && ! $words ]] || echo "$command $option ${words:-FILE}"
	done < <(arguments_of "$command")
done | sort -u -k 2,2 >"$tmp/arguments"
grep -q ' --attach .*kprobe.session' "$tmp/arguments" && grep -q ' --record FILE$' "$tmp/arguments"
ok $? "$(wc -l <"$tmp/arguments") options take words or files"

cache=$(for path in /sys/kernel/slab/kmalloc-*; do echo "${path##*/}"; done | grep -m 1 '^kmalloc-[0-9]*$')
for shell in bash zsh fish; do
	command -v $shell >/dev/null || { ok 0 "$shell # SKIP it is not installed"; continue; }
	suggests 'slubnode-trace ' "${commands[@]}" help
	suggests 'slubnode-trace re' report
	! grep -qx trace "$tmp/out"
	ok $? "$shell: no other command is suggested"
	suggests 'slubnode-trace help ' "${commands[@]}"
	for command in "${commands[@]}"; do
		mapfile -t options < <(options_of "$command")
		[[ ${#options[@]} -ge 12 ]]
		ok $? "$command has options"
		suggests "slubnode-trace $command --" "${options[@]}"
	done
	# fish suggests the argument with its option.
	before=''
	[[ $shell != fish ]] || before=--color=
	suggests 'slubnode-trace report --color=' ${before}auto ${before}always ${before}never
	: >"$tmp/a-file"
	while read -r command option words; do
		if [[ $words == FILE ]]; then
			suggests "slubnode-trace $command $option $tmp/a-f" \
				"$([[ $shell == zsh ]] && echo a-file || echo "$tmp/a-file")"
		else
			# shellcheck disable=SC2086 # a word each
			suggests "slubnode-trace $command $option " $words
		fi
	done <"$tmp/arguments"
	suggests 'slubnode-trace trace --detect call,w' "$([[ $shell == zsh ]] || echo call,)window"
	if [[ -d /sys/devices/system/node/node0 ]]; then
		suggests 'slubnode-trace trace --node ' 0
	fi
	if [[ $cache ]]; then
		suggests 'slubnode-trace trace --cache kmalloc-' "$cache"
	fi
	suggests 'slubnode-trace trace -- tru' "true"
done
done_testing
