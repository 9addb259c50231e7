#!/usr/bin/env bash
# Makes the whole bundled sample again: corpus, tokenizer, original and reference model, and the
# finished experiment. Called by `./run sample`, which builds the program and sets LACUNA_CLI.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
recipes="$here/../recipes"
cli="${LACUNA_CLI:?set LACUNA_CLI to the lacuna-cli program, or use ./run sample}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# train RECIPE NAME: runs it and moves the resulting model to resources/sample/NAME.
train() {
    "$cli" run "$recipes/$1.json" --store "$work/$1.sqlite" --out "$work/$1" >"$work/$1.jsonl"
    rm -rf "${here:?}/$2"
    mv "$work/$1"/*/model "$here/$2"
}

python3 "$here/make_world.py"
train sample-original original
train sample-reference reference

# The finished experiment opens with no model in memory. Its own weights stay out of the bundle, and
# so does where it was made: paths become relative to the project.
rm -f "$here/experiment.sqlite"
"$cli" run "$recipes/lesson.json" --store "$work/experiment.sqlite" --out "$work/runs" \
    >"$work/experiment.jsonl"
root="$(cd "$here/../.." && pwd)"
sqlite3 "$work/experiment.sqlite" "
    UPDATE run SET folder = '', recipe = replace(recipe, '$root/', ''),
        model_path = replace(model_path, '$root/', ''),
        forget_path = replace(forget_path, '$root/', ''),
        retain_path = replace(retain_path, '$root/', ''),
        holdout_path = replace(holdout_path, '$root/', '');
    DELETE FROM artefact;
    PRAGMA journal_mode = DELETE;
    VACUUM INTO '$here/experiment.sqlite';" >/dev/null
du -sh "$here/original" "$here/reference" "$here/experiment.sqlite"
