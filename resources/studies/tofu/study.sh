#!/usr/bin/env bash
# TOFU from end to end: a model that knows all authors, one that never met a tenth of them, methods
# that unlearn that tenth, the stress battery on each, and the table. Called by `./run tofu DATA
# [FOLDER]`, which builds the program and sets LACUNA_CLI. Interrupted, it goes on where it stopped
# when it is called again.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cli="${LACUNA_CLI:?set LACUNA_CLI to the lacuna-cli program, or use ./run tofu}"
data="${1:?name the folder with the files of TOFU: full.json, forget10_perturbed.json and the others}"
out="${2:-tofu-study}"

for file in full forget10 retain90 forget10_perturbed retain_perturbed real_authors_perturbed \
    world_facts_perturbed; do
    [[ -f "$data/$file.json" ]] || {
        echo "tofu: $data has no $file.json; it is a part of the TOFU data set" >&2
        exit 3
    }
done

mkdir -p "$out"
ln -sfn "$(cd "$data" && pwd)" "$out/data"
cd "$out"
cp "$here"/*.json .
store=(--store history.sqlite)

# There is no set of authors whom neither model ever met. Answers to retained questions in words
# that were not taught stand in for one: not of the same distribution, so that only the distance
# from the reference counts.
if [[ ! -f holdout_paraphrased.jsonl ]]; then
    python3 - data/retain_perturbed.json >holdout.part <<'PYTHON'
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    print(json.dumps({"question": row["paraphrased_question"], "answer": row["paraphrased_answer"]}))
PYTHON
    mv holdout.part holdout_paraphrased.jsonl
fi

# runOf NAME CONDITION: the newest run of that name for which the condition on its state holds.
runOf() {
    [[ -f history.sqlite ]] || return 0
    sqlite3 history.sqlite "SELECT uid FROM run WHERE name = '$1' AND state $2 ORDER BY id DESC LIMIT 1"
}

# trained RECIPE: the recipe's model under RECIPE/, its run begun, gone on with, or done already. A
# run whose process was killed still has the state that it had.
trained() {
    local name uid
    [[ ! -d "$1/model" ]] || return 0
    name="$(sed -n 's/^  "name": "\(.*\)",$/\1/p' "$1.json")"
    uid="$(runOf "$name" "NOT IN ('done', 'stopped', 'discarded')")"
    if [[ -n "$uid" ]]; then
        "$cli" resume "$uid" "${store[@]}" >>"$1.jsonl"
    elif [[ -z "$(runOf "$name" "= 'done'")" ]]; then
        "$cli" run "$1.json" "${store[@]}" --out "runs-$1" >"$1.jsonl"
    fi
    ln -sfn "runs-$1/$(runOf "$name" "= 'done'")" "$1"
}

trained original
trained reference
"$cli" run methods.json "${store[@]}" --out runs >>methods.jsonl
group="$(sqlite3 history.sqlite "SELECT group_name FROM run WHERE group_name <> '' ORDER BY id DESC LIMIT 1")"
for uid in $(sqlite3 history.sqlite "SELECT uid FROM run WHERE group_name = '$group' AND state IN ('done', 'stopped')"); do
    # What an interrupted battery has found is kept, and the whole of it done again.
    [[ ! -f "stress-$uid.jsonl" ]] || continue
    "$cli" attack "$uid" "${store[@]}" --max-samples 40 --json >"stress-$uid.part"
    mv "stress-$uid.part" "stress-$uid.jsonl"
done
"$cli" leaderboard "$group" "${store[@]}" | tee leaderboard.txt
