"""Does a free text name a person? The portal must not name children (W-20), so it asks before it keeps such a text.

Pure text in, text out; no dictionary of people, only forms of names: given names in their cases, the endings of
surnames and patronymics, initials. It warns and never blocks, so it prefers silence where a name honours somebody:
«школа имени …», «улица …». A given name with a patronymic alone is how teachers are called, and passes.
"""

import re
from dataclasses import dataclass

# The most usual given names and their short forms, in the nominative; «ё» is read as «е».
_MALE = """
александр алексей альберт анатолий андрей антон аркадий арсений арсен артем артур ахмед байрам богдан борис вадим
валентин валерий василий виктор виталий владимир владислав вячеслав всеволод гаврил геннадий георгий герман глеб
григорий давид дамир даниил данил данила демид демьян денис дмитрий егор ефим захар иван игнат игорь ильдар илья
ибрагим камиль кирилл константин лев леонид лука магомед макар максим марат марк марсель мартин матвей мирон михаил
мурат назар никита николай олег павел петр платон прохор радмир рамиль ратмир ренат роберт родион роман ростислав
руслан рустам савелий святослав семен сергей станислав степан тагир тамерлан тимофей тимур трофим федор филипп
харитон шамиль эдуард эльдар эмиль эрик юрий яков ян ярослав саша леша алеша толя андрюша антоша артемка боря вадик
валера вася витя вова володя влад слава гена гоша гриша даня денис дима митя женя егорка захарка ваня игорек илюша
костя леня максимка миша коля олежка паша петя рома руся семка сережа стас степа тема тимоша федя филя юра яша ярик
"""
_FEMALE = """
агата аделина айгуль айжан алевтина александра алена алеся алина алиса алла альбина амалия амина анастасия ангелина
анжела анна антонина арина асия ася валентина валерия варвара василиса василина вера вероника виктория виолетта
влада галина гульнара дана дарина дарья диана дина ева евангелина евгения екатерина елена елизавета есения жанна
зарина зинаида злата зоя зульфия инга инна ирина камила карина каролина кира клавдия кристина ксения лада лариса
лейла лиана лидия лилия лия любовь людмила мадина майя маргарита марианна марина мария марьям мелания милана милена
мира мирослава надежда наталия наталья нелли ника нина оксана олеся ольга патимат полина раиса регина рената римма
роза сабина светлана серафима снежана софия софья стефания стефа сусанна таисия тамара татьяна ульяна фатима эвелина
элина эльвира эльмира эмилия эмма юлия яна ярослава аня анечка настя ангелинка варя вика галя даша катя лена лиза
ира карина кристя ксюша люба люда люся маша рита надя наташа оля поля света соня тая таня уля юля яна вероничка
"""
_IRREGULAR = "павла павлу павлом павле льва льву львом льве евгений евгения евгению евгением евгении любви любовью"

_VOWEL_STEM = {"а": "а ы и у е ой ей", "я": "я и ю е ей ею"}


def _cases(name: str) -> list[str]:
    """A given name in the forms in which a sentence may hold it; a few extra forms do no harm."""
    stem, last = name[:-1], name[-1]
    if last in _VOWEL_STEM:
        return [stem + ending for ending in _VOWEL_STEM[last].split()]
    if last == "й":
        return [stem + ending for ending in ["й", "я", "ю", "ем", "е", "и"]]
    if last == "ь":
        return [stem + ending for ending in ["ь", "я", "ю", "ем", "е", "и", "ью"]]
    return [name + ending for ending in ("", "а", "у", "ом", "е")]


_GIVEN = frozenset([*_IRREGULAR.split(), *(form for name in (_MALE + _FEMALE).split() for form in _cases(name))])
_SURNAME = re.compile(
    r".{2,}(?:[оеи]в|[иы]н)(?:а|у|ым|е|ой|ы|ых|ыми)?|.{2,}[сц]к(?:ий|ого|ому|им|ом|ая|ую|ой)|.{2,}(?:ко|швили|дзе|ых|их)"
    r"|.{2,}(?:ук|юк|чак|ян|янц)(?:а|у|ом|ем|е)?"
)
# Endings that nouns have as well; believed only beside a given name.
_PERHAPS_SURNAME = re.compile(r".{2,}(?:ик|ец|ер|ман|берг|штейн|ич|ель|ой)(?:а|у|ом|ем|е)?")
_PATRONYMIC = re.compile(r".{2,}(?:[оеё]вич(?:а|у|ем|е)?|ич(?:а|у|ом|е)?|[оеи]вн(?:а|ы|е|у|ой)|ичн(?:а|ы|е|у|ой))")
_TOKEN = re.compile(r"(?<![А-ЯЁа-яё])(?:[А-ЯЁ]\.|[А-ЯЁа-яё]+(?:-[А-ЯЁа-яё]+)*)")
# After these words a name belongs to a place, an award or a book, not to a child.
_HONOUR = re.compile(
    r"(?:имени|им|ул|улиц[аеуы]|проспект[ае]?|пр|пр-т|пер|переул[а-я]+|площад[а-я]+|пл|бульвар[ае]?|памят[а-я]+|орден[а-я]*"
    r"|преми[а-я]+|медал[а-я]+|стипенди[а-я]+|фонд[а-я]*|храм[а-я]*|собор[а-я]*|академик[а-я]*|космонавт[а-я]*|геро[а-я]+"
    r"|роман[ае]?|повест[а-я]+|рассказ[а-я]*|сказк[а-я]+|стих[а-я]*|опер[а-я]+|поэт[а-я]*|писател[а-я]+|художник[а-я]*"
    r"|композитор[а-я]*|маршал[а-я]*|генерал[а-я]*|святой|святого|святому)"
)
_PUPIL = re.compile(
    r"учени(?:к|ц|ч).*|учащ(?:ий|ая|ег|ем|ей|ую).*|обучающ.*|воспитанни.*|выпускни.*|(?:перво|старше|одно)?клас+ник.*"
    r"|школьни.*|девочк.*|девушк.*|мальчи.*|юнош.*|реб[её]н.*|дочь.*|дочери|сына?|сыну"
)
_PUPIL_REACH = 4  # words between «ученица» and the name: «ученица 9 «А» класса нашей школы Анна»


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int

    @property
    def bare(self) -> str:
        return self.text.casefold().replace("ё", "е")

    @property
    def initial(self) -> bool:
        return self.text.endswith(".")

    @property
    def capital(self) -> bool:
        return not self.initial and len(self.text) > 1 and self.text[0].isupper() and not _HONOUR.fullmatch(self.bare)

    @property
    def given(self) -> bool:
        return self.capital and self.bare in _GIVEN

    @property
    def patronymic(self) -> bool:
        return self.capital and bool(_PATRONYMIC.fullmatch(self.bare))

    @property
    def surname(self) -> bool:
        return self.capital and not self.patronymic and any(_SURNAME.fullmatch(one) for one in self.bare.split("-"))

    @property
    def perhaps(self) -> bool:
        return self.surname or (self.capital and not self.given and bool(_PERHAPS_SURNAME.fullmatch(self.bare)))


def find_names(text: str) -> list[str]:
    """Suspected names of people in a free text, as they are written, each once, in the order of the text."""
    words = [_Word(one.group(), one.start(), one.end()) for one in _TOKEN.finditer(text)]
    found: list[str] = []
    at = 0
    while at < len(words):
        size = _name_at(text, words, at)
        if size and not _honoured(text, words, at):
            name = " ".join(text[words[at].start : words[at + size - 1].end].split())
            if name not in found:
                found.append(name)
        at += size or 1
    return found


def names_warning(text: str) -> str:
    """The sentence of W-20 with every suspected name, or "" where there is none."""
    names = find_names(text)
    if not names:
        return ""
    return f"Похоже, указаны фамилия и имя: {', '.join(f'«{name}»' for name in names)}. Не называйте детей."


def _name_at(text: str, words: list[_Word], at: int) -> int:
    """How many words from this one on are a name of a person; 0 where none begins here."""
    run = [words[at]]
    while len(run) < 3 and at + len(run) < len(words) and _touch(text, run[-1], words[at + len(run)]):
        run.append(words[at + len(run)])
    if len(run) == 3 and _three(*run):
        return 3
    if len(run) > 1 and _two(text, run[0], run[1]):
        return 2
    return 1 if run[0].given and _after_pupil(text, words, at) else 0


def _three(a: _Word, b: _Word, c: _Word) -> bool:
    if c.patronymic:  # «Фамилия Имя Отчество»
        return a.capital and b.capital
    if b.patronymic:  # «Имя Отчество Фамилия»
        return a.capital and c.surname
    if b.initial and (a.initial or c.initial):  # «И. О. Фамилия», «Фамилия И. О.»
        return c.capital if a.initial else a.capital
    return False


def _two(text: str, a: _Word, b: _Word) -> bool:
    if b.initial:  # «Фамилия И.», «Имя Ф.»
        return a.surname or a.given
    if a.initial:  # «И. Фамилия», but not the mark of a list: «А. Середина …»
        return b.surname and bool(text[: a.start].split("\n")[-1].strip())
    return (a.given and b.perhaps) or (a.perhaps and b.given)


def _touch(text: str, left: _Word, right: _Word) -> bool:
    return not text[left.end : right.start].strip(" \u00a0\t")


def _honoured(text: str, words: list[_Word], at: int) -> bool:
    """Whether the word before makes it the name of a place, an award or a book."""
    if at == 0:
        return False
    before = words[at - 1]
    gap = text[before.end : words[at].start].strip(" \u00a0\t")
    return gap in ("", ".") and bool(_HONOUR.fullmatch(before.bare))


def _after_pupil(text: str, words: list[_Word], at: int) -> bool:
    """«ученица 9 «А» класса Анна»: a word for a pupil shortly before, in the same sentence."""
    for before in reversed(words[max(0, at - _PUPIL_REACH) : at]):
        if re.search(r"[.;!?\n]", text[before.end : words[at].start]):
            return False
        if _PUPIL.fullmatch(before.bare):
            return True
    return False
