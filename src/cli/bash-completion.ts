/**
 * The script that completes `headstart` in bash 3.2 and later. It needs no bash-completion package, may be sourced
 * again, and hands over the typed words as they are instead of evaluating them. Names with spaces are escaped.
 */
export const BASH_COMPLETION = String.raw`# bash completion for headstart
__headstart_complete() {
  local cur words=() word line
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    [[ $word == "=" ]] || words+=("\${word//\\/}")
  done
  cur="\${COMP_WORDS[COMP_CWORD]//\\/}"
  if [[ $cur == "=" ]]; then
    cur=""
    words+=("")
  fi
  COMPREPLY=()
  while IFS= read -r line; do
    line="\${line%%$'\t'*}"
    if [[ -n $line && $line != :[0-9]* && $line == "$cur"* ]]; then
      COMPREPLY+=("$(printf %q "$line")")
    fi
  done < <(headstart complete -- "\${words[@]}" 2>/dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F __headstart_complete headstart
`.replaceAll("\\$", "$");
