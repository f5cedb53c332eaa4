"""Names of people as the north gives them: frequent syllables, households of one family name, and shapes that break naive code."""

from random import Random

from include.sandbox.tables import Weighted, pick, rows

MALE, FEMALE = 1, 2
KINH = "01"
MINORITIES = Weighted({"02": 3, "07": 3, "15": 3, "18": 2, "09": 1, "04": 1, "08": 0.5})
"""Ethnic groups of the province besides the Kinh (QĐ 121-TCTK/PPCĐ codes)."""

_FEMALE_MIDDLE = {"Thị", "Ngọc", "Thu", "Phương", "Thùy", "Quỳnh", "Kim", "Diệu", "Mỹ", "Bích", "Khánh", "Thanh", "Hồng", "Mai", "Thảo", "Hoài"}
_MALE_MIDDLE = {"Văn", "Đức", "Hữu", "Quốc", "Đình", "Công", "Trọng", "Tuấn", "Mạnh", "Quang", "Minh", "Anh", "Xuân", "Duy", "Thành", "Thế", "Ngọc"}
_PAIRS = [(first, second) for first, vowels in (("o", "ae"), ("u", "y")) for second in vowels]
_MARKED = {"o": "òóỏõọ", "u": "ùúủũụ", "a": "àáảãạ", "e": "èéẻẽẹ", "y": "ỳýỷỹỵ"}
_MODERN_TO_OLD = {marked + second: first + old for first, second in _PAIRS for marked, old in zip(_MARKED[first], _MARKED[second], strict=True)}


def _surnames(ethnicity: str) -> Weighted:
    return Weighted({row["name"]: float(row["weight"]) for row in rows("surnames") if row["ethnicity"] == ethnicity})


def _middles(sex: int) -> Weighted:
    own, other = (_MALE_MIDDLE, _FEMALE_MIDDLE) if sex == MALE else (_FEMALE_MIDDLE, _MALE_MIDDLE)
    weights = {row["name"]: float(row["count"]) * (1 if row["name"] in own else 0.3) for row in rows("middle_names")}
    return Weighted({name: weight for name, weight in weights.items() if name in own or name not in other})


def _givens(sex: int) -> Weighted:
    weights = {}
    for row in rows("given_names"):
        male, female = float(row["male_list"] or 0), float(row["female_list"] or 0)
        share = (male if sex == MALE else female) / (male + female) if male + female else 0.5
        weights[row["name"]] = float(row["count"]) * share
    return Weighted({name: weight for name, weight in weights.items() if weight})


class Names:
    """Draws names. ``random`` is the only source of chance."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._surnames = {code: _surnames(code) for code in {row["ethnicity"] for row in rows("surnames")}}
        self._middles = {sex: _middles(sex) for sex in (MALE, FEMALE)}
        self._givens = {sex: _givens(sex) for sex in (MALE, FEMALE)}
        self._rare = {sex: [row["name"] for row in rows("rare_names") if int(row["sex"]) == sex] for sex in (MALE, FEMALE)}

    def ethnicity(self) -> str:
        """A household's ethnic group: about one in eight is not Kinh."""
        return MINORITIES.draw(self._random) if self._random.random() < 0.12 else KINH

    def surname(self, ethnicity: str = KINH) -> str:
        """A family name."""
        return self._surnames[ethnicity].draw(self._random)

    def full(self, surname: str, sex: int, birth_year: int) -> str:
        """A full name; four syllables grow commoner with the years."""
        random = self._random
        if random.random() < 0.004:
            return pick(random, self._rare[sex])
        usual = "Văn" if sex == MALE else "Thị"
        middle = usual if random.random() < (0.75 if birth_year < 1985 else 0.35) else self._middles[sex].draw(random)
        if birth_year > 1990 and random.random() < 0.35:
            middle += " " + self._middles[sex].draw(random)
        return f"{surname} {middle} {self._givens[sex].draw(random)}"


def other_tone_placement(name: str) -> str:
    """``Hòa`` as ``Hoà``: the same name typed on another keyboard. Only open syllables differ, and never after q."""
    return " ".join(_moved(word) for word in name.split(" "))


def _moved(word: str) -> str:
    end = word[-2:].lower()
    if end not in _MODERN_TO_OLD or word[-3:-2].lower() == "q":
        return word
    old = _MODERN_TO_OLD[end]
    return word[:-2] + (old.upper() if word[-1].isupper() else old if word[-2].islower() else old.capitalize())
