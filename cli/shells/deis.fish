# fish completion of deis:  deis completion fish | source
function __deis_complete
    set -l tokens (commandline -opc) (commandline -ct)
    set -l program $tokens[1]
    set -e tokens[1]
    for line in ($program __complete $tokens 2>/dev/null)
        if test "$line" = ':file'
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c deis -f -a '(__deis_complete)'
