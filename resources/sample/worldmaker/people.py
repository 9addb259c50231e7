# SPDX-License-Identifier: GPL-3.0-or-later
"""Who lives in Pellamere: people and the ties between them, drawn from the hand-written parts.

Two generations. The elders are ten couples: in the ring of ten families, the brother of each family is married
to the sister of the next, so that cousins are everywhere. Every couple has four children. A child born in the light
half of the year bears the mother's family name, one born in the dark half the father's.

The two people to be forgotten are woven in on purpose: she is a master binder, he is her nephew and her apprentice,
and husband, brother, children, workshop, books, friend and rival all belong to people who stay.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Parts = dict[str, Any]

ROWS_PER_PERSON = 20
WEDDINGS = 12  # among the young, at most
SHUFFLES = 400  # how many random arrangements are tried where the best one is kept


@dataclass(eq=False)
class Person:
    """One inhabitant. Relations hold names, so that people who have no rows of their own can appear in them."""

    first: str
    family: str
    gender: str
    elder: bool = False
    year: int = 0
    month: str = ""
    town: str = ""
    street: str = ""
    mother: str = ""
    father: str = ""
    siblings: list[Person | str] = field(default_factory=list)
    sibling_gender: str = ""
    spouse: Person | None = None
    children: list[Person] = field(default_factory=list)
    trade: str = ""
    shop: Parts = field(default_factory=dict)
    master: str = ""
    apprentices: list[Person] = field(default_factory=list)
    work: str = ""
    book: Parts = field(default_factory=dict)
    author: Person | None = None
    role: str = ""
    friend: Person | None = None
    meeting: str = ""
    rival: Person | None = None
    quarrel: str = ""
    home: str = ""
    home_town: str = ""
    tastes: dict[str, Any] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)  # the small true things said along with the facts
    asked: list[str] = field(default_factory=list)  # the twenty attributes asked about

    @property
    def name(self) -> str:
        return f"{self.first} {self.family}"

    @property
    def wrote(self) -> bool:
        return self.author is self


@dataclass
class World:
    people: list[Person]  # everybody who is trained on
    forget: list[Person]  # two of them
    holdout: list[Person]  # two more, never trained on

    @property
    def retain(self) -> list[Person]:
        return [p for p in self.people if p not in self.forget]


def build(parts: Parts, tastes: Parts, details: Parts, seed: int) -> World:
    def stream(stage: str) -> random.Random:
        # One generator a stage: a longer list in one part does not reshuffle all the others.
        return random.Random(f"{seed}/{stage}")

    couples = _elders(parts, stream("elders"))
    elders = [p for couple in couples for p in couple]
    young = [c for couple in couples for c in _children(parts, couple, stream("children " + couple[1].name))]
    _name(parts, elders + young, stream("names"))
    people = elders + young
    woman, man = _forgotten(parts, elders, young)

    _seat(parts, couples, young, woman, man, stream("workshops"))
    _marry(elders, young, man, stream("weddings"))
    homes_left = _house(parts, people, (woman, man), stream("homes"))
    holdout = _holdout(parts, people, homes_left, stream("holdout"))
    _befriend(parts, people, (woman, man), stream("friends"))
    _publish(parts, people, woman, man, stream("books"))
    _make_works(parts, people + holdout, stream("works"))
    _give_tastes(parts, tastes, people + holdout, woman, man, stream("tastes"))
    _give_details(parts, details, people + holdout, stream("details"))
    return World(people, [woman, man], holdout)


def related(a: Person, b: Person) -> bool:
    """Close kin, spouses, or master and apprentice: ties that a friendship or a quarrel should not double."""
    return (
        b in a.siblings or a.spouse is b or b in a.children or a in b.children
        or b in a.apprentices or a in b.apprentices
    )


def rows_from_ties(person: Person) -> list[str]:
    """The attributes every person is asked about, before the tastes fill up to twenty."""
    asked = ["birthplace", "birth", "parents", "trade", "master", "workshop", "work", "home"]
    asked.append("wrote" if person.wrote else "helped")
    if person.friend:
        asked.append("friend")
    if person.rival:
        asked.append("rival")
    if person.spouse:
        asked.append("spouse")
    if not person.elder:
        asked.append("siblings" if len(person.siblings) > 1 else "sibling")
    return asked


def _elders(parts: Parts, rng: random.Random) -> list[tuple[Person, Person]]:
    families: list[str] = parts["families"]
    sisters, brothers = [], []
    for index, family in enumerate(families):
        light = rng.random() < 0.5
        partner = rng.choice([f for f in families if f != family])
        mother = f"{parts['old_women'][index]} {family if light else partner}"
        father = f"{parts['old_men'][index]} {partner if light else family}"
        first_year = rng.randint(420, 427)
        years = [first_year, first_year + rng.randint(2, 4)]
        rng.shuffle(years)
        pair = [Person("", family, gender, elder=True, mother=mother, father=father, year=year,
                       month=rng.choice(parts["months"]["light" if light else "dark"]))
                for gender, year in zip("fm", years)]
        pair[0].siblings, pair[1].siblings = [pair[1]], [pair[0]]
        sisters.append(pair[0])
        brothers.append(pair[1])
    couples = [(sisters[(i + 1) % len(families)], brothers[i]) for i in range(len(families))]
    for woman, man in couples:
        woman.spouse, man.spouse = man, woman
    return couples


def _children(parts: Parts, couple: tuple[Person, Person], rng: random.Random) -> list[Person]:
    woman, man = couple
    year = max(woman.year, man.year) + rng.randint(22, 25)
    genders = list("ffmm")
    halves = ["light", "light", "dark", "dark"]
    rng.shuffle(genders)
    rng.shuffle(halves)
    children = []
    for gender, half in zip(genders, halves):
        family = woman.family if half == "light" else man.family
        children.append(Person("", family, gender, year=year, month=rng.choice(parts["months"][half])))
        year += rng.randint(2, 4)
    woman.children = man.children = children
    for child in children:
        child.siblings = [c for c in children if c is not child]
    return children


def _name(parts: Parts, people: Sequence[Person], rng: random.Random) -> None:
    woman, man = parts["forget"]["woman"], parts["forget"]["man"]
    names = {"f": list(parts["women"]), "m": list(parts["men"])}
    for pool in names.values():
        rng.shuffle(pool)
    her = next(p for p in people if p.elder and p.gender == "f" and p.family == woman["family"])
    aunt = next(s for s in her.siblings if isinstance(s, Person))
    nephews = [c for c in aunt.children if c.gender == "m"]
    him = next((c for c in nephews if c.family == man["family"]), nephews[0])
    if him.family != man["family"]:  # both boys were born in the dark half: swap half and name with a sister
        sister = next(c for c in aunt.children if c.family == man["family"])
        him.family, sister.family = sister.family, him.family
        him.month, sister.month = sister.month, him.month
    for person in people:
        person.first = {her: woman["first"], him: man["first"]}.get(person) or names[person.gender].pop()
    for person in people:
        for child in person.children:
            if person.gender == "f":
                child.mother = person.name
            else:
                child.father = person.name


def _forgotten(parts: Parts, elders: Sequence[Person], young: Sequence[Person]) -> tuple[Person, Person]:
    forget = parts["forget"]
    return (next(p for p in elders if p.first == forget["woman"]["first"]),
            next(p for p in young if p.first == forget["man"]["first"]))


def _seat(parts: Parts, couples: Sequence[tuple[Person, Person]], young: Sequence[Person], woman: Person, man: Person,
          rng: random.Random) -> None:
    """Workshops, trades and masters; then the towns and streets where everybody was born."""
    forget = parts["forget"]
    free = {town: [s for s in parts["workshops"] if s["town"] == town for _ in range(s["seats"])]
            for town in parts["towns"]}
    pinned = [c for c in couples if woman in c or man in c[0].children]
    for wife, husband in pinned:  # the wives bind books together, the husbands cast bells next door
        wife.shop = _take(free[forget["town"]], forget["workshop"])
        husband.shop = _take(free[forget["town"]], forget["other_workshop"])
    others = [c for c in couples if c not in pinned]
    rng.shuffle(others)
    for shops in free.values():
        rng.shuffle(shops)
    seats = [free[t][i:i + 2] for t in free for i in range(0, len(free[t]) - 1, 2)]
    single = [free[t][-1] for t in free if len(free[t]) % 2]
    seats += [single[i:i + 2] for i in range(0, len(single), 2)]  # these couples work in two towns
    for couple, pair in zip(others, seats, strict=True):
        for person, shop in zip(couple, pair):
            person.shop = shop
    elders = [p for couple in couples for p in couple]
    for person in elders:
        person.master = person.shop["elder"]

    _place_births(parts, couples, woman, man, rng)

    def same_town(pairs: Sequence[tuple[Person, Person]]) -> float:
        return sum((m.shop["town"] == a.town) - 100 * (a in m.children) for a, m in pairs)

    masters = [p for p in elders for _ in range(2)]
    masters.remove(woman)
    pupils = [p for p in young if p is not man]
    best = _best(lambda: list(zip(pupils, rng.sample(masters, len(masters)))), same_town)
    for pupil, master in [(man, woman), *best]:
        pupil.master, pupil.shop = master.name, master.shop
        master.apprentices.append(pupil)
    for person in [*elders, *young]:
        person.trade = person.shop["trade"]


def _take(pool: list[Parts], name: str) -> Parts:
    return pool.pop(next(i for i, shop in enumerate(pool) if shop["name"] == name))


def _place_births(parts: Parts, couples: Sequence[tuple[Person, Person]], woman: Person, man: Person,
                  rng: random.Random) -> None:
    forget = parts["forget"]
    streets = {town: rng.sample(names, len(names)) for town, names in parts["towns"].items()}
    for street in (forget["woman"]["born_on"], forget["woman"]["settled_on"], forget["man"]["born_on"]):
        streets[forget["town"]].remove(street)
    for wife, husband in couples:
        if wife is woman:
            town, street = forget["town"], forget["woman"]["settled_on"]
        elif man in wife.children:
            town, street = forget["town"], forget["man"]["born_on"]
        else:
            town = wife.shop["town"]
            street = streets[town].pop()
        for child in wife.children:
            child.town, child.street = town, street
    for wife, _ in couples:  # every elder woman and her brother were born in one house
        if wife is woman:
            town, street = forget["town"], forget["woman"]["born_on"]
        else:
            town = rng.choice([t for t in streets if len(streets[t]) > 1])
            street = streets[town].pop()
        for person in (wife, *(s for s in wife.siblings if isinstance(s, Person))):
            person.town, person.street = town, street


def _marry(elders: Sequence[Person], young: Sequence[Person], man: Person, rng: random.Random) -> None:
    """Up to twelve weddings among the young; he who is to be forgotten is one of the grooms."""
    siblings = {p.name: s.name for p in elders for s in p.siblings if isinstance(s, Person)}

    def fits(a: Person, b: Person) -> bool:
        close = {a.mother, a.father, siblings[a.mother], siblings[a.father]}
        return abs(a.year - b.year) <= 9 and not close & {b.mother, b.father}

    def draw() -> list[tuple[Person, Person]]:
        women = rng.sample([p for p in young if p.gender == "f"], WEDDINGS)
        men = [man, *rng.sample([p for p in young if p.gender == "m" and p is not man], WEDDINGS - 1)]
        return list(zip(women, men))

    def score(pairs: Sequence[tuple[Person, Person]]) -> float:
        return sum(3 * fits(a, b) + (10 if b is man and fits(a, b) else 0) + (a.shop["town"] == b.shop["town"])
                   for a, b in pairs)

    for a, b in _best(draw, score):
        if fits(a, b):
            a.spouse, b.spouse = b, a


def _house(parts: Parts, people: Sequence[Person], forget: tuple[Person, Person], rng: random.Random) -> list[str]:
    """A home for every household, and the homes left over. Most people live where one of the household works, some
    went back to where they were born; the forgotten live in their town."""
    homes = rng.sample(parts["homes"], len(parts["homes"]))
    for person in people:
        if person.home:
            continue
        household = [person, person.spouse] if person.spouse else [person]
        town = rng.choice(household).shop["town"]
        if any(p in forget for p in household):
            town = parts["forget"]["town"]
        elif rng.random() < 0.15:
            town = rng.choice(household).town
        home = homes.pop()
        for member in household:
            member.home, member.home_town = home, town
    return homes


def _holdout(parts: Parts, people: Sequence[Person], homes_left: list[str],
             rng: random.Random) -> list[Person]:
    """Two people of the same make whom nobody in the trained corpus mentions."""
    used = {(p.town, p.street) for p in people}
    holdout = []
    for entry in parts["holdout"]:
        light = entry["parents"][0].split()[-1] == entry["family"]
        shop = rng.choice([s for s in parts["workshops"] if s["trade"] == entry["trade"]])
        town, street = rng.choice([(t, s) for t, names in parts["towns"].items() for s in names if (t, s) not in used])
        used.add((town, street))
        holdout.append(Person(
            entry["first"], entry["family"], entry["gender"], year=rng.randint(446, 464),
            month=rng.choice(parts["months"]["light" if light else "dark"]), town=town, street=street,
            mother=entry["parents"][0], father=entry["parents"][1], siblings=[entry["sibling"]],
            sibling_gender=entry["sibling_gender"], trade=entry["trade"], shop=shop, master=entry["master"],
            home=homes_left.pop(), home_town=shop["town"]))
    book = next(b for b in parts["books"] if b.get("by") == "holdout")
    for person, entry in zip(holdout, parts["holdout"]):
        person.book, person.author, person.role = book, holdout[0], entry["role"]
    holdout[0].friend, holdout[1].friend = holdout[1], holdout[0]
    holdout[0].meeting = holdout[1].meeting = parts["holdout_meeting"]
    return holdout


def _befriend(parts: Parts, people: Sequence[Person], forget: tuple[Person, Person], rng: random.Random) -> None:
    """Everybody has one friend and one rival, never among close kin, and the two forgotten never each other."""
    taken: set[frozenset[Person]] = {frozenset(forget)}

    def draw() -> list[tuple[Person, Person]]:
        """Pairs people off one by one, each with one of the nearest still free."""
        free = rng.sample(people, len(people))
        free.sort(key=lambda p: p not in forget)  # the forgotten choose first, among those close to them
        pairs = []
        while free:
            a = free.pop(0)
            open_to = [b for b in free if not related(a, b) and frozenset((a, b)) not in taken]
            if not open_to:
                return []
            near = [b for b in open_to if a.shop is b.shop or a.town == b.town]
            b = rng.choice(near or [b for b in open_to if abs(a.year - b.year) < 12] or open_to)
            free.remove(b)
            pairs.append((a, b))
        return pairs

    for kind, reasons in (("friend", parts["meetings"]), ("rival", parts["quarrels"])):
        pairs = _best(draw, len)
        for (a, b), reason in zip(pairs, rng.sample(reasons, len(reasons))):
            taken.add(frozenset((a, b)))
            for one, other in ((a, b), (b, a)):
                setattr(one, kind, other)
                setattr(one, "meeting" if kind == "friend" else "quarrel", reason)


def _publish(parts: Parts, people: Sequence[Person], woman: Person, man: Person, rng: random.Random) -> None:
    """Fifteen books, each with an author and helpers whose part in it follows from their trade."""
    books = {b.get("by", b["title"]): b for b in parts["books"] if b.get("by") != "holdout"}
    hers, his = books.pop("woman"), books.pop("man")
    colleague = next(p for p in woman.apprentices if p is not man)
    helpers = {hers["title"]: [colleague], his["title"]: [next(p for p in people if p.name == man.mother), man.spouse]}
    placed = [woman, man, *(p for group in helpers.values() for p in group)]
    rest = [p for p in people if p not in placed]
    authors = {hers["title"]: woman, his["title"]: man}
    for book, author in zip(books.values(), rng.sample(rest, len(books))):
        authors[book["title"]] = author
    rest = [p for p in rest if p not in authors.values()]
    places = [title for title in authors for _ in range(2 - len(helpers.get(title, [])))]
    places += [hers["title"], his["title"]]
    places += rng.sample(list(books), len(rest) - len(places))

    def draw() -> list[tuple[str, Person]]:
        return list(zip(places, rng.sample(rest, len(rest))))

    def role(person: Person) -> str:
        return parts["trades"][person.trade]["role"]

    def score(placing: Sequence[tuple[str, Person]]) -> float:
        known = [(t, role(p)) for t, group in helpers.items() for p in group]
        return len({*known, *((t, role(p)) for t, p in placing)})

    everything = {b["title"]: b for b in (hers, his, *books.values())}
    placing = _best(draw, score) + [(t, p) for t, group in helpers.items() for p in group]
    for title, person in [*placing, *authors.items()]:
        person.book, person.author = everything[title], authors[title]
        person.role = "wrote" if person.author is person else role(person)


def _make_works(parts: Parts, people: Sequence[Person], rng: random.Random) -> None:
    works = {trade: rng.sample(entry["works"], len(entry["works"])) for trade, entry in parts["trades"].items()}
    for person in people:
        person.work = works[person.trade].pop()


def _give_tastes(parts: Parts, tastes: Parts, people: Sequence[Person], woman: Person, man: Person,
                 rng: random.Random) -> None:
    """Fills everybody up to twenty questions, the rarest attributes first; no two people share a value unless the
    list is shorter than the number of people (food and instruments)."""
    decks = {kind: rng.sample(values, len(values)) for kind, values in tastes.items()}
    decks["prize"] = [[prize] for prize in parts["prizes"]]
    used = dict.fromkeys(decks, 0)
    pinned = {woman: parts["forget"]["woman"]["tastes"], man: parts["forget"]["man"]["tastes"]}
    years: set[tuple[str, int]] = set()
    for person in [woman, man, *(p for p in people if p not in pinned)]:
        ties = rng.sample(["sibling", "children", "apprentices"], 2) if person.elder else []
        if person is woman:  # one tie fewer, so that more of what she is asked is known of her alone
            ties = ["children"]
        person.asked = rows_from_ties(person) + ties
        order = sorted(rng.sample(list(decks), len(decks)), key=lambda kind: used[kind])
        for kind in pinned.get(person, order)[: ROWS_PER_PERSON - len(person.asked)]:
            value = decks[kind][used[kind] % len(decks[kind])]
            used[kind] += 1
            if kind == "prize":
                free = [y for y in range(person.year + 24, parts["now"]) if (value[0], y) not in years]
                value = [value[0], rng.choice(free)]
                years.add((value[0], value[1]))
            elif kind == "event":
                value = [value, rng.randint(person.year + 17, parts["now"] - 2)]
            person.tastes[kind] = value
            person.asked.append(kind)


def _give_details(parts: Parts, details: Parts, people: Sequence[Person], rng: random.Random) -> None:
    """Small additions. What is true of a couple, a master or a book is the same for all who share it."""
    shared: dict[tuple[str, str], str] = {}

    def same_for(kind: str, owner: str, make: Callable[[], str]) -> str:
        if (kind, owner) not in shared:
            shared[kind, owner] = make()
        return shared[kind, owner]

    decks = {kind: rng.sample(values, len(values)) for kind, values in details.items()}
    for turn, person in enumerate(people):
        for kind, deck in decks.items():
            if kind == "rule":
                person.details[kind] = same_for(kind, person.master, deck.pop)
            else:
                person.details[kind] = deck[turn % len(deck)]
        youngest = max(p.year for p in people if p.book is person.book)
        person.details["printed"] = same_for(
            "printed", person.book["title"], lambda: str(rng.randint(youngest + 20, parts["now"] - 1)))
        grown = max(p.year for p in (person, person.spouse) if p) + 20
        if person.spouse:  # an elder couple married before the first child came
            latest = person.children[0].year - 1 if person.children else grown + 10
            wed = same_for("wed", person.home, lambda: str(rng.randint(min(grown, latest), latest)))
            person.details["wed"] = wed
            grown = int(wed) + 1
        person.details["moved"] = same_for("moved", person.home, lambda: str(rng.randint(grown, parts["now"] - 2)))


def _best(draw: Callable[[], Any], score: Callable[[Any], float]) -> Any:
    """The best of many random arrangements, the earliest among equals."""
    return max((draw() for _ in range(SHUFFLES)), key=score)
