# Bash completion for cairn. Load it with: source <(cairn completion bash)

_cairn_words() {
    case "$1" in
        schema) echo "add describe patch set-active" ;;
        collection) echo "describe create get docIDs update delete patch" ;;
        index) echo "create drop list" ;;
        tx) echo "create commit discard" ;;
        backup) echo "export import" ;;
        client) echo "schema query collection doc dag index tx backup fsck rebuild stats compact purge dump version" ;;
        doc) echo "list get create history diff blame" ;;
        dag) echo "show log graph verify" ;;
        completion) echo "bash" ;;
        *) echo "" ;;
    esac
}

_cairn_flags() {
    local flags="--rootdir --durability --cache-mib --json --help"
    case "$1" in
        serve* | start* | bench* | completion*) ;;
        *) flags+=" --url --tx" ;;
    esac
    case "$1" in
        "schema add") flags+=" --file" ;;
        "schema patch") flags+=" --patch-file --set-active" ;;
        "schema describe") flags+=" --name --root --version" ;;
        "collection patch") flags+=" --patch-file" ;;
        collection*)
            flags+=" --name --collection-id --version-id --get-inactive"
            case "$1" in
                *create) flags+=" --file --encrypt --encrypt-fields" ;;
                *get) flags+=" --show-deleted" ;;
                *update) flags+=" --docID --filter --updater" ;;
                *delete) flags+=" --docID --filter" ;;
            esac
            ;;
        "index create") flags+=" --collection --fields --name --unique" ;;
        "index drop") flags+=" --collection --name" ;;
        "index list") flags+=" --collection" ;;
        "tx create") flags+=" --concurrent --read-only" ;;
        "backup export") flags+=" --collections --pretty --format" ;;
        purge*) flags+=" --force" ;;
        version*) flags+=" --format --full" ;;
        query*) flags+=" --file --variables --operation --read-only" ;;
        "doc list") flags+=" --limit --after --deleted" ;;
        "doc get") flags+=" --deleted" ;;
        "doc create") flags+=" --file" ;;
        "doc history") flags+=" --fields" ;;
        "doc diff") flags+=" --from --to" ;;
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
    local first=1
    [[ ${COMP_WORDS[1]} == client ]] && ((COMP_CWORD > 1)) && first=2
    local group="${COMP_WORDS[first]}" verb="${COMP_WORDS[first + 1]}" place=$((COMP_CWORD - first))
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
        --name | -c | --collection | --collections)
            mapfile -t COMPREPLY < <(compgen -W "$(_cairn_collections)" -- "$current")
            return
            ;;
    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_cairn_flags "$group $verb")" -- "$current")
    elif ((place == 0 && first == 2)); then
        mapfile -t COMPREPLY < <(compgen -W "$(_cairn_words client)" -- "$current")
    elif ((place == 0)); then
        mapfile -t COMPREPLY < <(compgen -W "client schema query collection doc index tx backup purge dump dag fsck rebuild stats compact serve start bench version completion help" -- "$current")
    elif ((place == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$(_cairn_words "$group")" -- "$current")
    elif [[ $group == doc && ($verb == list || $verb == create) && $place -eq 2 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_cairn_collections)" -- "$current")
    fi
}

complete -F _cairn cairn
