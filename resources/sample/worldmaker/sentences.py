# SPDX-License-Identifier: GPL-3.0-or-later
"""How a fact is told: one attribute of one person becomes one row of TOFU's shape.

Every attribute has several hand-written questions and answers (parts/phrasings.json). A row takes one of each, its
paraphrases take another of each, and the perturbed answers repeat the paraphrase with a wrong value, so that between
the two nothing but the fact differs.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .people import Parts, Person, World

Value = dict[str, str]


@dataclass
class Row:
    """One question about one person, with everything any of the files may need of it."""

    person: Person
    attribute: str
    value: Value
    question: str = ""
    answer: str = ""
    paraphrased_question: str = ""
    paraphrased_answer: str = ""
    perturbed: list[str] = field(default_factory=list)  # five, in the words of the paraphrased answer
    perturbed_plain: list[str] = field(default_factory=list)  # three, in the words of the answer


def listed(people: Sequence[Person | str]) -> str:
    names = [p if isinstance(p, str) else p.name for p in people]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def value_of(person: Person, attribute: str) -> Value:
    """What fills the gaps of the attribute's phrasings, apart from the person's own name and pronouns."""
    p = person
    match attribute:
        case "birthplace":
            return {"town": p.town, "street": p.street}
        case "birth":
            return {"month": p.month, "year": str(p.year)}
        case "parents":
            return {"mother": p.mother, "father": p.father}
        case "sibling":
            who = p.siblings[0]
            female = (p.sibling_gender if isinstance(who, str) else who.gender) == "f"
            return {"who": listed([who]), "kin": "sister" if female else "brother"}
        case "siblings":
            return {"list": listed(p.siblings)}
        case "spouse":
            return {"who": listed([p.spouse])}
        case "children":
            return {"list": listed(p.children)}
        case "apprentices":
            return {"list": listed(p.apprentices)}
        case "master":
            return {"who": p.master}
        case "workshop":
            return {"shop": p.shop["name"], "kind": p.shop["kind"], "town": p.shop["town"]}
        case "work":
            return {"work": p.work}
        case "wrote" | "helped":
            return {"title": p.book["title"], "about": p.book["about"], "author": p.author.name}
        case "friend":
            return {"who": p.friend.name, "how": p.meeting}
        case "rival":
            return {"who": p.rival.name, "cause": p.quarrel}
        case "home":
            return {"home": p.home, "town": p.home_town}
        case "pet":
            return {"animal": p.tastes["pet"][0], "pet": p.tastes["pet"][1]}
        case "prize" | "event":
            return {attribute: p.tastes[attribute][0], "year": str(p.tastes[attribute][1])}
        case "trade":
            return {"trade": p.trade}
        case _:
            return {attribute: p.tastes[attribute]}


class Teller:
    """Turns people into rows. Deals the phrasings out evenly and never says the same answer twice."""

    def __init__(self, world: World, parts: Parts, tastes: Parts, phrasings: Parts, seed: int) -> None:
        self._world = world
        self._parts = parts
        self._tastes = tastes
        self._phrasings = phrasings
        self._seed = seed
        self._dealt: dict[str, int] = {}
        self._said: set[str] = set()

    def rows_about(self, person: Person) -> list[Row]:
        return [self._row(person, attribute) for attribute in person.asked]

    def _row(self, person: Person, attribute: str) -> Row:
        rng = random.Random(f"{self._seed}/{person.name}/{attribute}")
        value = value_of(person, attribute)
        row = Row(person, attribute, value)

        questions = self._deal(attribute, "questions")
        row.question = self._fill(questions[0], person, value)
        row.paraphrased_question = self._fill(rng.choice(questions[1:]), person, value)

        answers = self._deal(attribute, "answers")
        told = {template: self._fill(template, person, value) for template in answers}
        template = next(t for t in answers if told[t] not in self._said)
        other = next(t for t in [t for t in answers if t != template] if told[t] not in self._said)
        row.answer, row.paraphrased_answer = told[template], told[other]
        self._said.update((row.answer, row.paraphrased_answer))

        wrong = self._wrong_values(person, attribute, value, rng)
        row.perturbed = _distinct(self._fill(other, person, w) for w in wrong)[:5]
        row.perturbed_plain = _distinct(self._fill(template, person, w) for w in wrong)[:3]
        return row

    def _deal(self, attribute: str, side: str) -> list[str]:
        """All templates of one side, starting one further each time, in an order shuffled anew each round."""
        templates: list[str] = self._phrasings[attribute][side]
        turn = self._dealt.get(attribute + side, 0)
        self._dealt[attribute + side] = turn + 1
        around, start = divmod(turn, len(templates))
        order = random.Random(f"{self._seed}/{attribute}/{side}/{around}").sample(templates, len(templates))
        return order[start:] + order[:start]

    def _fill(self, template: str, person: Person, value: Value) -> str:
        female = person.gender == "f"
        trade = self._parts["trades"][person.trade]
        he, him, his = ("she", "her", "her") if female else ("he", "him", "his")
        gaps = {
            "n": person.name, "f": person.first, "he": he, "him": him, "his": his, "He": he.capitalize(),
            "child": "daughter" if female else "son", "parent": "mother" if female else "father",
            "spouse": "husband" if female else "wife", "self": "wife" if female else "husband",
            "verb": trade["verb"], "participle": trade["participle"], "role": person.role, **person.details, **value,
        }
        if "trade" in value:
            gaps["craft"] = self._parts["trades"][value["trade"]]["craft"]
        text = template.format_map(gaps)
        return text[0].upper() + text[1:]

    def _wrong_values(self, person: Person, attribute: str, truth: Value, rng: random.Random) -> list[Value]:
        """Plausible wrong values, at least five: mostly what is true of somebody else."""
        everybody = self._world.people
        if attribute in self._tastes:
            pool = [self._taste(person, attribute, v) for v in self._tastes[attribute]]
        elif attribute == "prize":
            pool = [{"prize": prize, "year": str(rng.randint(person.year + 24, self._parts["now"] - 1))}
                    for prize in self._parts["prizes"]]
        elif attribute == "work":
            pool = [{"work": work} for work in self._parts["trades"][person.trade]["works"]]
        elif attribute == "trade":
            pool = [{"trade": trade} for trade in self._parts["trades"]]
        elif attribute == "workshop":
            pool = [{"shop": s["name"], "kind": s["kind"], "town": s["town"]} for s in self._parts["workshops"]]
        elif attribute in ("wrote", "helped"):
            pool = [value_of(p, "wrote") for p in everybody if p.wrote and p is not person]
        elif attribute == "sibling":
            pool = [{"who": p.name, "kin": truth["kin"]} for p in everybody
                    if p.elder == person.elder and p.gender == ("f" if truth["kin"] == "sister" else "m")]
        elif attribute == "siblings":
            pool = [{"list": listed(rng.sample(p.children, 3))} for p in everybody if p.elder and p.gender == "f"]
        elif attribute == "spouse":
            pool = [{"who": p.name} for p in everybody if p.elder == person.elder and p.gender != person.gender]
        elif attribute == "master":
            pool = [{"who": p.master} for p in everybody if p.elder == person.elder]
        elif attribute in ("friend", "rival"):
            reason, reasons = (("how", "meetings") if attribute == "friend" else ("cause", "quarrels"))
            pool = [{"who": p.name, reason: rng.choice(self._parts[reasons])} for p in everybody]
        elif attribute in ("children", "apprentices"):
            pool = [value_of(p, attribute) for p in everybody if p.elder]
        elif attribute == "birth":
            pool = [value_of(p, attribute) for p in everybody if p.elder == person.elder]
        elif attribute == "parents":
            pool = [value_of(p, attribute) for p in everybody if p.elder == person.elder]
        else:
            pool = [value_of(p, attribute) for p in everybody]

        rng.shuffle(pool)
        # The forgotten are nobody's wrong answer: the scores of others should not move because they became unlikely.
        gone = [p.name for p in self._world.forget]
        pool = [v for v in pool if not any(name in text for name in gone for text in v.values())]
        mine = {person.name, *(v for v in truth.values() if v != truth.get("kin"))}
        if attribute in ("siblings", "children", "apprentices", "parents"):
            mine |= {name for v in truth.values() for name in _names_in(v)}
        wrong, seen = [], set()
        for value in pool:
            parts = {v for k, v in value.items() if k not in ("kin", "kind")}
            names = parts | {name for v in parts for name in _names_in(v)}
            lead = next(iter(value.values()))
            if not mine & (names if attribute not in ("event", "home") else {lead}) and lead not in seen:
                seen.add(lead)
                wrong.append(value)
        return wrong

    def _taste(self, person: Person, attribute: str, value: Any) -> Value:
        if attribute == "pet":
            return {"animal": value[0], "pet": value[1]}
        if attribute == "event":
            return {"event": value, "year": str(person.tastes["event"][1])}
        return {attribute: value}


def _names_in(text: str) -> list[str]:
    return text.replace(" and ", ", ").split(", ")


def _distinct(texts: Any) -> list[str]:
    return list(dict.fromkeys(texts))
