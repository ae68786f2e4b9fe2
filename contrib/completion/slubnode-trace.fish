# SPDX-License-Identifier: GPL-2.0-only
# Completion of slubnode-trace(8) for fish. The options are those of --help; caches and nodes are those
# of the running machine.

function __slubnode_trace_caches
    # A name that begins with a colon is an alias of several caches.
    for path in /sys/kernel/slab/*
        string replace -r '.*/' '' -- $path | string match -rv '^:'
    end
end

function __slubnode_trace_nodes
    string match -rg '/node([0-9]+)$' -- /sys/devices/system/node/node*
end

# Print the arguments of an option.
function __slubnode_trace_arguments
    switch $argv[1]
        case node
            echo '(__fish_append , (__slubnode_trace_nodes))'
        case cache watch-cache
            echo '(__slubnode_trace_caches)'
        case format
            echo 'text json html perfetto'
        case color
            echo 'auto always never'
        case attach
            echo 'auto fentry kprobe kprobe.session none'
        case detect require
            echo '(__fish_append , call window watchpoint canary all none)'
        case expect
            echo 'retain free nothing'
        case exit-codes
            echo 'own kselftest ltp'
        case sort
            echo 'charged requested structures name'
        case time
            echo 'wall relative monotonic'
    end
end

# Complete CMD and its arguments, after `--'.
function __slubnode_trace_cmd
    set -l words (commandline -opc)
    set -l at (contains -i -- -- $words)
    set -l line (string join ' ' -- $words[(math $at + 1)..] (commandline -ct))
    complete -C "$line"
end

# Complete the options of a command, or of all commands.
function __slubnode_trace_options
    set -l condition '__fish_use_subcommand'
    test (count $argv) -eq 0; or set condition "__fish_seen_subcommand_from $argv[1]"
    slubnode-trace $argv --help 2>/dev/null |
        string match -r '^ +(?:-[a-zA-Z], )?--[a-z-]+[^ ]* .*' | while read -l line
        set -l name (string match -rg -- '--([a-z-]+)' $line)[1]
        set -l short (string match -rg '^ *-([a-zA-Z]),' -- $line)
        set -l text (string replace -r '^ *(-[a-zA-Z], )?--[^ ]* +' '' -- $line)
        set -l options -c slubnode-trace -n $condition -l $name -d $text
        test -z "$short"; or set -a options -s $short
        if string match -qr -- "--$name=FILE" $line
            set -a options -r -F
        else if string match -qr -- "--$name=" $line
            set -a options -x
            set -l words (__slubnode_trace_arguments $name)
            test -z "$words"; or set -a options -a $words
        end
        complete $options
    end
end

complete -c slubnode-trace -e
complete -c slubnode-trace -f
complete -c slubnode-trace -n __fish_use_subcommand -a trace -d 'print what happens, as it happens'
complete -c slubnode-trace -n __fish_use_subcommand -a check -d 'run a command and judge the run'
complete -c slubnode-trace -n __fish_use_subcommand -a report -d 'show the structures that are held now'
complete -c slubnode-trace -n __fish_use_subcommand -a probes -d 'print what can be traced here'
complete -c slubnode-trace -n __fish_use_subcommand -a bugreport -d 'pack a recording to be sent to others'
complete -c slubnode-trace -n __fish_use_subcommand -a help -d 'describe a command'
complete -c slubnode-trace -n '__fish_seen_subcommand_from help' -a 'trace check report probes bugreport'
complete -c slubnode-trace -n 'contains -- -- (commandline -opc)' -x -a '(__slubnode_trace_cmd)'
__slubnode_trace_options
for command in trace check report probes bugreport
    __slubnode_trace_options $command
end
