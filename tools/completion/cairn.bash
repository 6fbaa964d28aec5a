# Bash completion for cairn. Load it with: source <(cairn completion bash)

_cairn_words() {
    case "$1" in
        schema) echo "add describe patch" ;;
        doc) echo "list get create history" ;;
        dag) echo "show log graph verify" ;;
        completion) echo "bash" ;;
        *) echo "" ;;
    esac
}

_cairn_flags() {
    local flags="--rootdir --durability --cache-mib --json --help"
    case "$1" in
        "schema add") flags+=" --file" ;;
        "schema patch") flags+=" --patch-file" ;;
        "schema describe") flags+=" --name" ;;
        query*) flags+=" --file --variables --operation --read-only" ;;
        "doc list") flags+=" --limit --after --deleted" ;;
        "doc get") flags+=" --deleted" ;;
        "doc create") flags+=" --file" ;;
        "doc history") flags+=" --fields" ;;
        "dag log") flags+=" --fields --limit" ;;
        "dag graph") flags+=" --output --svg" ;;
        serve* | start*) flags+=" --url --store --development --allowed-origins --allowed-hosts --pubkeypath --privkeypath --log-level" ;;
        rebuild*) flags+=" --verify" ;;
    esac
    echo "$flags"
}

_cairn_collections() {
    cairn schema describe --json 2>/dev/null | sed -n 's/^      "Name": "\([A-Za-z_][A-Za-z0-9_]*\)",$/\1/p' | sort -u
}

_cairn() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
    local group="${COMP_WORDS[1]}" verb="${COMP_WORDS[2]}"
    COMPREPLY=()
    case "$previous" in
        -f | --file | -p | --patch-file | -o | --output)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        --rootdir)
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            return
            ;;
        --durability)
            mapfile -t COMPREPLY < <(compgen -W "full process memory" -- "$current")
            return
            ;;
        --name)
            mapfile -t COMPREPLY < <(compgen -W "$(_cairn_collections)" -- "$current")
            return
            ;;
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_cairn_flags "$group $verb")" -- "$current")
    elif ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "schema query doc dag fsck rebuild stats compact serve start bench version completion help" -- "$current")
    elif ((COMP_CWORD == 2)); then
        mapfile -t COMPREPLY < <(compgen -W "$(_cairn_words "$group")" -- "$current")
    elif [[ $group == doc && ($verb == list || $verb == create) && COMP_CWORD -eq 3 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_cairn_collections)" -- "$current")
    fi
}

complete -F _cairn cairn
