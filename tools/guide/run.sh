#!/usr/bin/env bash
# Runs the relationship guide: run.sh CAIRN FOLDER. Prints each request and its answer, and at the end the DAG of one document.
set -euo pipefail

cairn="$1"
folder="$2"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

declare -A ids

with_ids() {
    local request="$1" name
    for name in "${!ids[@]}"; do
        request="${request//<$name>/${ids[$name]}}"
    done
    printf '%s' "$request"
}

run_step() {
    local rootdir="$1" line="$2" name="" request answer
    if [[ $line =~ ^([a-z]+)\ \<-\ (.*)$ ]]; then
        name="${BASH_REMATCH[1]}"
        line="${BASH_REMATCH[2]}"
    fi
    request="$(with_ids "$line")"
    printf '\n$ cairn query '\''%s'\''\n' "$request"
    answer="$("$cairn" query --rootdir "$rootdir" "$request" </dev/null)" || { printf '%s\n' "$answer"; exit 1; }
    printf '%s\n' "$answer"
    if [[ -n $name ]]; then
        ids[$name]="$(sed -n 's/.*"_docID": "\(bae-[0-9a-f-]*\)".*/\1/p' <<<"$answer" | head -n 1)"
    fi
}

run_part() {
    local part="$1" rootdir="$folder/$1" line
    ids=()
    printf '\n== %s\n\n$ cairn schema add -f %s.graphql\n' "$part" "$part"
    cat "$here/$part.graphql"
    "$cairn" schema add --rootdir "$rootdir" -f "$here/$part.graphql" </dev/null
    while IFS= read -r line <&3; do
        case "$line" in
            "") ;;
            "# "*) printf '\n%s\n' "$line" ;;
            *) run_step "$rootdir" "$line" ;;
        esac
    done 3<"$here/$part.steps"
}

run_part 1-one-to-one
run_part 2-one-to-many
gulistan="${ids[gulistan]}"
run_part 3-many-to-many

printf '\n== The history of the book Gulistan, and its DAG\n'
for command in "doc history --fields" "dag log" "dag graph"; do
    printf '\n$ cairn %s %s\n' "$command" "$gulistan"
    # shellcheck disable=SC2086
    "$cairn" $command --rootdir "$folder/2-one-to-many" "$gulistan" </dev/null
done
