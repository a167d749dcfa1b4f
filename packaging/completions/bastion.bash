# Completion of bastion(1) for bash. What may come next is said by the program itself.
_bastion() {
  local line=${COMP_LINE:0:COMP_POINT} word candidate ahead=
  word=${line##*[[:space:]]}
  # bash takes a word apart at a colon (SHA256:…), and replaces only what stands behind it.
  [[ $COMP_WORDBREAKS != *:* || $word != *:* ]] || ahead=${word%"${word##*:}"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("${candidate#"$ahead"}")
  done < <("$1" complete "$line" 2>/dev/null)
}
# Where nothing is known, it may be a file.
complete -o default -F _bastion bastion
