#compdef deis
# zsh completion of deis:  deis completion zsh > "${fpath[1]}/_deis", or source <(deis completion zsh)
_deis() {
  local line word meaning
  local -a plain open
  local -a asked
  asked=("${(@)words[2,CURRENT]}")
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    meaning=${line#*$'\t'}
    [[ $meaning == "$line" ]] && meaning=''
    if [[ $word == ':file' ]]; then
      _files
      continue
    fi
    word=${word//:/\\:}
    if [[ $word == *= ]]; then
      open+=("$word${meaning:+:$meaning}")
    else
      plain+=("$word${meaning:+:$meaning}")
    fi
  done < <("${words[1]}" __complete "${(@Q)asked}" 2>/dev/null)
  (( $#open )) && _describe -t values 'deis' open -S ''
  (( $#plain )) && _describe -t commands 'deis' plain
  return 0
}
if [[ ${funcstack[1]} == _deis ]]; then
  _deis "$@"
else
  compdef _deis deis
fi
