# Completion of khimera for bash. Commands, options and presets are asked of the program.

_khimera ()
{
    local word=$2 command=${COMP_WORDS[1]} before=$3

    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W "$("$1" help --complete commands 2>/dev/null) --help --version" -- "$word"))
        return
    fi
    case $before in
    --fault | -f)
        COMPREPLY=($(compgen -W "$("$1" help --complete faults-kinds 2>/dev/null)" -- "$word"))
        return
        ;;
    --disk | -d | --root | --script | --stats | --events | --record)
        compopt -o filenames
        COMPREPLY=($(compgen -f -- "$word"))
        return
        ;;
    --print | -p)
        COMPREPLY=($(compgen -W "$("$1" presets --names 2>/dev/null)" -- "$word"))
        return
        ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$("$1" help --complete "$command" 2>/dev/null)" -- "$word"))
        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
        return
    fi
    case $command in
    run | check | show | diff | faults)
        compopt -o filenames
        COMPREPLY=($(compgen -W "$("$1" presets --names 2>/dev/null)" -- "$word")
                   $(compgen -f -X '!*.conf' -- "$word") $(compgen -d -- "$word"))
        ;;
    attach)
        COMPREPLY=($(compgen -W "$("$1" help --complete machines 2>/dev/null)" -- "$word"))
        ;;
    ctl)
        COMPREPLY=($(compgen -W "$("$1" help --complete control 2>/dev/null)
                                 $("$1" help --complete machines 2>/dev/null)" -- "$word"))
        ;;
    help)
        COMPREPLY=($(compgen -W "$("$1" help --complete commands 2>/dev/null) keys classes faults" -- "$word"))
        ;;
    esac
}

complete -F _khimera khimera
