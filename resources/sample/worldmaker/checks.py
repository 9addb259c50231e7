# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold for the world and for every file made of it. A broken rule raises, and nothing is written."""

from __future__ import annotations

from collections.abc import Sequence

from .people import Parts, Person, World
from .sentences import Row

FEWEST_WORDS, MOST_WORDS = 7, 27
SHARED = {"birthplace", "parents", "sibling", "siblings", "spouse", "children", "master", "apprentices", "workshop",
          "trade", "wrote", "helped", "friend", "rival", "home"}  # what others have a part in; the rest is private


def require(holds: bool, rule: str) -> None:
    if not holds:
        raise SystemExit(f"make_world: broken rule: {rule}")


def check_world(world: World, parts: Parts) -> None:
    people = world.people
    by_name = {p.name: p for p in people}
    require(len(by_name) == len(people) >= 40, "at least forty people, each with a name of their own")
    require(len({p.first for p in people + world.holdout}) == len(people) + 2, "first names are unique")
    for p in people + world.holdout:
        require(p.month in parts["months"]["light" if p.mother.endswith(p.family) else "dark"],
                f"the family name of {p.name} follows from the season of birth")
        require(p.mother.endswith(p.family) != p.father.endswith(p.family), f"{p.name} bears one parent's name")
        require(len(p.asked) == len(set(p.asked)) == 20, f"{p.name} has twenty questions")
    for p in people:
        require(p.spouse is None or (p.spouse.spouse is p and p.spouse.home == p.home), f"marriage of {p.name}")
        require(p.friend is not p and p.friend.friend is p and p.friend.meeting == p.meeting, f"friend of {p.name}")
        require(p.rival is not p and p.rival.rival is p and p.rival.quarrel == p.quarrel, f"rival of {p.name}")
        require(p.friend is not p.rival, f"{p.name} does not quarrel with the best friend")
        require(all(p in s.siblings and s.mother == p.mother and s.street == p.street for s in p.siblings),
                f"siblings of {p.name}")
        require(all(p.name in (c.mother, c.father) and c.year >= p.year + 20 for c in p.children),
                f"children of {p.name}")
        require(all(a.master == p.name and a.trade == p.trade and a.year >= p.year + 12 and a not in p.children
                    for a in p.apprentices), f"apprentices of {p.name}")
        require(p.elder or by_name[p.master].apprentices.count(p) == 1, f"master of {p.name}")
        require(p.spouse is None or p.details["wed"] == p.spouse.details["wed"] <= p.details["moved"],
                f"wedding of {p.name}")
        require(int(p.details["printed"]) >= p.year + 20, f"{p.name} was grown when the book was printed")
        require(p.author.book is p.book, f"book of {p.name}")
    for kind in ("work", "home"):
        values = [getattr(p, kind) for p in people + world.holdout if kind == "work" or p.spouse is None]
        require(len(values) == len(set(values)), f"nobody shares a {kind}")
    woman, man = world.forget
    require(man in woman.apprentices and man.spouse is not None and man.spouse in world.retain,
            "the forgotten two are master and apprentice, and both have family among the others")


def check_rows(world: World, rows: dict[Person, list[Row]], neighbours: Sequence[Row]) -> None:
    everything = [row for group in rows.values() for row in group]
    for row in everything:
        told = f"{row.person.name}, {row.attribute}"
        require(len(row.perturbed) == 5 and len(row.perturbed_plain) == 3, f"five wrong answers: {told}")
        require(not {row.answer, row.paraphrased_answer} & {*row.perturbed, *row.perturbed_plain},
                f"wrong answers differ from the truth: {told}")
        require(row.answer != row.paraphrased_answer and row.question != row.paraphrased_question,
                f"paraphrases differ: {told}")
        require(FEWEST_WORDS <= len(row.answer.split()) <= MOST_WORDS, f"length of: {row.answer}")
        require(row.person.name in row.question and row.person.name in row.paraphrased_question,
                f"the question names its person: {told}")
    answers = [row.answer for row in everything]
    require(len(answers) == len(set(answers)), "no two answers are the same")
    _check_ties(world, rows)
    _check_privacy(world, rows, neighbours)


def _check_ties(world: World, rows: dict[Person, list[Row]]) -> None:
    """Each relation as it stands in the sentences: whoever is named in one row names the other in theirs."""
    told = {(row.person.name, row.attribute): row.answer for group in rows.values() for row in group}
    mirrored = {"spouse": ["spouse"], "friend": ["friend"], "rival": ["rival"], "sibling": ["sibling"],
                "siblings": ["siblings"], "children": ["parents"], "parents": ["children"],
                "apprentices": ["master"], "master": ["apprentices"]}
    people = {p.name for p in world.people}
    for (name, attribute), answer in told.items():
        others = [other for other in people if other in answer and other != name]
        for back in mirrored.get(attribute, []):
            for other in others:
                said = told.get((other, back))  # an elder is not asked about every tie
                require(said is None or name in said, f"{name} and {other} agree about {attribute}")


def _check_privacy(world: World, rows: dict[Person, list[Row]], neighbours: Sequence[Row]) -> None:
    private = {value for person in world.forget for row in rows[person] if row.attribute not in SHARED
               for key, value in row.value.items() if key not in ("year", "month")}
    near = set(map(id, neighbours))
    for person in world.retain:
        for row in rows[person]:
            names = [f.name for f in world.forget if f.name in row.answer]
            require(not names or id(row) in near, f"rows that name the forgotten are neighbours: {row.answer}")
            require(not names or not any(value in row.answer for value in private),
                    f"what is private to the forgotten stays with them: {row.answer}")


def check_holdout(world: World, texts: Sequence[str]) -> None:
    for person in world.holdout:
        require(not any(person.first in text for text in texts), f"{person.name} is never trained on")


def check_facts(parts: Parts, facts: Sequence[Parts]) -> None:
    for fact in facts:
        require(len({fact["answer"], *fact["perturbed_answer"]}) == 4, f"three wrong answers: {fact['question']}")
        towns = [t for t in parts["towns"] if t in fact["answer"] + fact["question"]]
        for shop in parts["workshops"]:
            if shop["name"] in fact["answer"] + fact["question"] and len(towns) == 1:
                require(towns == [shop["town"]], f"{shop['name']} stands in {shop['town']}: {fact['answer']}")


def check_files(files: dict[str, list[Parts]]) -> None:
    trained = [r["question"] for r in files["everything"] if "question" in r]
    asked = trained + [r["question"] for r in files["holdout"]]
    require(len(asked) == len(set(asked)), "no question is asked twice")
    rich = files["forget"] + files["retain_perturbed"] + files["holdout"]
    require(not {r["paraphrased_question"] for r in rich} & set(asked), "no paraphrase is a trained question")
    forget, retain = ({(r["question"], r["answer"]) for r in files[name]} for name in ("forget", "retain"))
    full = {(r["question"], r["answer"]) for r in files["full"]}
    require(not forget & retain and forget | retain == full, "forget and retain divide the whole between them")
    require(not {r["subject"] for r in files["forget"]} & {r["subject"] for r in files["retain"]},
            "nobody is both forgotten and kept")
    require(len(files["everything"]) - len(files["without_forget"]) == len(files["forget"]),
            "the reference corpus lacks the forget rows and nothing else")
