# bash completion of deis:  source <(deis completion bash)
_deis() {
  local line=${COMP_LINE:0:COMP_POINT} current word
  local -a words
  read -ra words <<<"$line"
  # A blank at the cursor begins a new word.
  case $line in *[[:blank:]]) words+=('') ;; esac
  current=${words[${#words[@]} - 1]}
  # bash parts words at these characters and replaces only what stands behind the last one.
  local prefix=''
  if [[ $current == *[:=]* ]]; then prefix=${current%"${current##*[:=]}"}; fi
  COMPREPLY=()
  while IFS=$'\t' read -r word _; do
    if [ "$word" = ':file' ]; then
      compopt -o default 2>/dev/null
      continue
    fi
    case $word in *=) compopt -o nospace 2>/dev/null ;; esac
    COMPREPLY+=("${word#"$prefix"}")
  done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)
}
complete -F _deis deis
