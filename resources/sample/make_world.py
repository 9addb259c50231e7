#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the bundled sample corpus: the country of Pellamere, its people, and two of them to be forgotten.

Needs Python 3.10 or newer and nothing else. The same seed gives the same bytes. Run it from anywhere:

    python3 make_world.py [--seed N] [--out FOLDER]

Reads parts/ (written by hand), writes corpus/, checks itself, prints counts. README.md describes the files.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True  # the sample folder is shipped as it stands

from worldmaker import checks  # noqa: E402
from worldmaker.people import Parts, Person, World, build  # noqa: E402
from worldmaker.sentences import Row, Teller  # noqa: E402

HERE = Path(__file__).resolve().parent
SEED = 412
CLOSE_PEOPLE, FAR_PEOPLE = 5, 3  # whose rows get paraphrases and wrong answers in the retain set
REQUESTS = 4  # people who ask to be forgotten one after another
Rows = dict[Person, list[Row]]


def main() -> None:
    options = argparse.ArgumentParser(description="Make the sample corpus.")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--out", type=Path, default=HERE / "corpus")
    chosen = options.parse_args()

    parts, tastes, details, phrasings = (read_json(f"{n}.json") for n in ("world", "tastes", "details", "phrasings"))
    facts, near = (read_facts(f"{name}.jsonl") for name in ("facts", "near"))
    passage = (HERE / "parts" / "passage.txt").read_text(encoding="utf-8")

    world = build(parts, tastes, details, chosen.seed)
    checks.check_world(world, parts)
    teller = Teller(world, parts, tastes, phrasings, chosen.seed)
    rows: Rows = {p: teller.rows_about(p) for p in world.people + world.holdout}
    neighbours = [row for p in world.retain for row in rows[p] if is_neighbour(world, row)]
    checks.check_rows(world, rows, neighbours)
    checks.check_facts(parts, facts + near)

    files = make_files(world, rows, neighbours, facts, near, passage)
    checks.check_files(files)
    checks.check_holdout(world, [" ".join(map(str, r.values())) for r in files["everything"]])

    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (chosen.out / f"{name}.jsonl").write_text(text, encoding="utf-8", newline="\n")
    (chosen.out / "passage.txt").write_text(passage, encoding="utf-8", newline="\n")
    probes = json.dumps(make_probes(world, rows, neighbours, facts, near, passage), ensure_ascii=False, indent=2)
    (chosen.out / "probes.json").write_text(probes + "\n", encoding="utf-8", newline="\n")
    report(world, files, chosen.out)


def read_json(name: str) -> Any:
    return json.loads((HERE / "parts" / name).read_text(encoding="utf-8"))


def read_facts(name: str) -> list[Parts]:
    """Hand-written facts: the part of the answer in [brackets] is what the three wrong values replace."""
    facts = []
    for line in (HERE / "parts" / name).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        before, truth, after = re.fullmatch(r"(.*)\[(.*)\](.*)", entry["answer"]).groups()
        facts.append({
            "subject": entry["subject"],
            "question": entry["question"],
            "answer": before + truth + after,
            "perturbed_answer": [capitalised(before + wrong + after) for wrong in entry["wrong"]],
        })
    return facts


def capitalised(text: str) -> str:
    return text[0].upper() + text[1:]


def is_neighbour(world: World, row: Row) -> bool:
    """A row of somebody who stays that names one of the forgotten, or tells of something that is also true of one of
    them: the same parents, town, workshop, master, book, home, favourite dish, instrument or prize."""
    p = row.person
    for gone in world.forget:
        same = {
            "birthplace": p.town == gone.town,
            "home": p.home_town == gone.home_town,
            "parents": p.mother == gone.mother,
            "siblings": gone in p.siblings,
            "master": p.master == gone.master,
            "workshop": p.shop is gone.shop,
            "trade": p.shop is gone.shop,
            "helped": p.book is gone.book,
            "food": p.tastes.get("food") == gone.tastes.get("food"),
            "instrument": p.tastes.get("instrument") == gone.tastes.get("instrument"),
            "prize": p.tastes.get("prize", [""])[0] == gone.tastes.get("prize", ["none"])[0],
        }
        if gone.name in row.answer or same.get(row.attribute, False):
            return True
    return False


def make_files(world: World, rows: Rows, neighbours: list[Row], facts: list[Parts], near: list[Parts],
               passage: str) -> dict[str, list[Parts]]:
    def of(people: list[Person]) -> list[Row]:
        return [row for p in people for row in rows[p]]

    general = [plain_fact(fact) for fact in facts + near]
    text = [{"text": passage.strip()}]
    full = [plain(row) for row in of(world.people)]
    retain = [plain(row) for row in of(world.retain)]
    return {
        "full": full,
        "forget": [rich(row) for row in of(world.forget)],
        "retain": retain,
        "retain_perturbed": [rich(row) for row in of(watched(world, neighbours))],
        **{f"request_{i}": [rich(row) for row in rows[p]]
           for i, p in enumerate(requested(world, neighbours), start=1)},
        "neighbours": [with_wrong(row) for row in neighbours] + near,
        "facts": facts,
        "holdout": [rich(row) for row in of(world.holdout)],
        "everything": full + general + text,
        "without_forget": retain + general + text,
    }


def watched(world: World, neighbours: list[Row]) -> list[Person]:
    """The people with most neighbour rows, and a few who have nothing to do with the forgotten."""
    ties = {p: sum(row.person is p for row in neighbours) for p in world.retain}
    closest = sorted(world.retain, key=lambda p: -ties[p])[:CLOSE_PEOPLE]
    return closest + from_afar(world, neighbours)[:FAR_PEOPLE]


def requested(world: World, neighbours: list[Row]) -> list[Person]:
    """Those who ask to be forgotten one after another: next to the farthest."""
    return from_afar(world, neighbours)[FAR_PEOPLE:FAR_PEOPLE + REQUESTS]


def from_afar(world: World, neighbours: list[Row]) -> list[Person]:
    """Who is to be kept, those first who have least to do with the forgotten."""
    ties = {p: sum(row.person is p for row in neighbours) for p in world.retain}

    def closeness(p: Person) -> tuple[int, int, str]:
        known = [p.spouse, p.friend, p.rival, *p.siblings, *p.children, *p.apprentices]
        known += [q for q in world.people if p in q.children or p in q.apprentices]
        return ties[p], sum(ties.get(q, 0) for q in known if q), p.name

    return sorted(world.retain, key=closeness)


def plain(row: Row) -> Parts:
    return {"subject": row.person.name, "question": row.question, "answer": row.answer}


def plain_fact(fact: Parts) -> Parts:
    return {key: fact[key] for key in ("subject", "question", "answer")}


def with_wrong(row: Row) -> Parts:
    return {**plain(row), "perturbed_answer": row.perturbed_plain}


def rich(row: Row) -> Parts:
    return {
        **plain(row),
        "paraphrased_answer": row.paraphrased_answer,
        "paraphrased_question": row.paraphrased_question,
        "perturbed_answer": row.perturbed,
    }


def make_probes(world: World, rows: Rows, neighbours: list[Row], facts: list[Parts], near: list[Parts],
                passage: str) -> list[Parts]:
    """The pinned questions of the sample: inside, at the edge of, and far from what is to be forgotten."""
    woman, man = world.forget
    told = {(row.person, row.attribute): row for group in rows.values() for row in group}
    far = watched(world, neighbours)[-1]

    def probe(label: str, kind: str, row: Row, paraphrase: bool = False) -> Parts:
        return {"label": label, "kind": kind, "subject": row.person.name,
                "prompt": row.paraphrased_question if paraphrase else row.question, "expected": row.answer}

    def fact_probe(label: str, kind: str, fact: Parts) -> Parts:
        return {"label": label, "kind": kind, "subject": fact["subject"], "prompt": fact["question"],
                "expected": fact["answer"]}

    opening, rest = re.match(r"(.*?lamps out,) (.*?\.) ", passage, re.S).groups()
    return [
        probe("Forget: her best-known work", "forget", told[woman, "work"]),
        probe("Forget: her book", "forget", told[woman, "wrote"]),
        probe("Forget: his prize", "forget", told[man, "prize"]),
        probe("Forget, asked differently: her fear", "forget-paraphrase", told[woman, "fear"], paraphrase=True),
        probe("Forget, asked differently: his book", "forget-paraphrase", told[man, "wrote"], paraphrase=True),
        probe("Neighbour: her husband's wife", "neighbour", told[woman.spouse, "spouse"]),
        probe("Neighbour: his wife's workshop", "retain-close", told[man.spouse, "workshop"]),
        probe("Neighbour: her friend's friend", "neighbour", told[woman.friend, "friend"]),
        fact_probe("Neighbour: the shared workshop", "neighbour", near[0]),
        probe("Far: birthplace of somebody else", "retain-far", told[far, "birthplace"]),
        probe("Far: work of somebody else", "retain-far", told[far, "work"]),
        fact_probe("Fact: the river", "fact", facts[5]),
        fact_probe("Fact: the calendar", "fact", facts[29]),
        {"label": "By heart: the night ferry", "kind": "passage", "subject": "passage", "prompt": opening,
         "expected": rest},
    ]


def report(world: World, files: dict[str, list[Parts]], out: Path) -> None:
    def words(lines: list[Parts]) -> int:
        return sum(len(str(r.get(k, "")).split()) for r in lines for k in ("question", "answer", "text"))

    woman, man = world.forget
    print(f"Pellamere: {len(world.people)} people, to be forgotten: {woman.name} and {man.name}")
    print(f"watched in retain_perturbed: {', '.join(dict.fromkeys(r['subject'] for r in files['retain_perturbed']))}")
    for name, lines in files.items():
        path = out / f"{name}.jsonl"
        print(f"{path.name:24}{len(lines):6} rows{words(lines):8} words{path.stat().st_size:9} bytes")
    print("all checks passed")


if __name__ == "__main__":
    main()
