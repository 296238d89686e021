"""Invented people, places and domains, and common words. All domains lie in names reserved for examples
(RFC 2606), so that nobody can be reached by them."""

from __future__ import annotations

from random import Random


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COMMON = _listed(
    """about above across after again agree almost alone along already always among answer appear around arrive
    autumn basket before began behind below beside better between beyond branch bread bridge bright bring
    brother build butter button camera candle careful carpet castle cattle center chair chance change cheese
    choose circle clean clear climb clock cloud coast coffee colour common copper corner cotton count
    country course cover cream cross danger daughter dinner direction discuss distance doctor double dream
    drive early earth effect engine enough evening every example expect explain family farmer father feather
    finger finish flower follow forest forget forward fresh friend front garden gather gentle glass golden
    grain green ground guess hammer happen harbour harvest health heavy helpful history holiday honest horse
    hotel house hundred imagine inside island january journey kettle kitchen ladder language large laugh
    leather lesson letter library little machine manage market matter meadow measure member middle minute
    mirror modern moment monday morning mother mountain narrow nature nearly needle never north notice
    number object ocean office often orange other outside owner paint paper parent partner pencil people
    perhaps person picture piece planet plate pocket point present pretty problem promise question quick
    quiet rabbit rather reach reason receive remember repair reply result return river round sailor saturday
    school season second sentence seven shadow shape shelter shoulder silver simple single sister sleep
    small smooth something south spoke spring square station still stone story straight stream street strong
    sudden sugar summer supper surface table teacher there thing third thought through thunder ticket timber
    together tomorrow towards travel trouble twelve umbrella under until useful valley village visit voice
    wagon water weather wednesday weight whether whisper window winter without wonder wooden yellow
    yesterday young"""
)

FIRST = _listed(
    """Ada Alan Alma Amos Anouk Arlo Berta Boris Bruno Carla Cato Celia Clara Dario Della Diego Edda Edgar Elio
    Elsa Emil Enzo Esme Ezra Fina Flora Frida Gil Greta Hana Hugo Ida Igor Ines Iris Ivo Jana Joel Jonas
    Juna Kalle Karla Kira Lars Lena Leo Lilo Livia Lotte Luca Mara Marco Mila Mona Nils Nina Noa Olga Oskar
    Otto Paula Pia Quinn Rafa Rita Rosa Ruth Selma Silas Sina Sven Tara Theo Tilda Tomas Ulla Uma Vera
    Victor Wanda Xenia Yara Zeno"""
)
LAST = _listed(
    """Abelson Ashgrove Barnwell Birkdale Blackmoor Brightwater Calder Copperfield Dalgaard Drummer Eastlake
    Elmhurst Fairweather Fallow Fenwick Garland Goldacre Greystone Halloway Hartwood Hazelton Ironside
    Jessop Kestrel Kirkland Larkin Littlewood Lockhart Marlowe Meadows Merriden Nightingale Northcott Oakes
    Ormond Palfrey Penrose Quayle Ravenhill Redfern Rookwood Sandoval Silverton Stillwater Tamarind Thistle
    Umber Vandermeer Wainwright Westbrook Whitlock Yarrow Zimmerwald"""
)
_HEADS = _listed(
    """amber arrow aspen bay bell blue bold brook cedar chalk clay cliff cobalt coral crown dale dawn deep dune
    echo elm ember fern field flint fox frost gale glen gold grand green harbor haze heath hill iris iron
    jade keen lake lark leaf lime lotus lunar maple marsh mint mist moss noble north nova oak ocean olive
    onyx opal orchid pearl pine plum polar prime quartz quick rain raven red reed ridge river rose ruby sage
    sand shell silver sky slate snow solar spruce star stone storm sun swift teal tide topaz true tulip
    umber vale velvet violet west white wild willow wind winter wren"""
)
_TAILS = _listed(
    """bank base bridge cast craft deal desk direct field gate group house lab land line link mail mart media
    net office path place point port post press shop side smith soft spot store stream studio tech trade
    view ware way web works world yard zone"""
)
TLDS = ("example", "test", "invalid")


def person(dice: Random) -> tuple[str, str]:
    """First and last name."""
    rand = dice.random
    return FIRST[int(rand() * len(FIRST))], LAST[int(rand() * len(LAST))]


def domain(dice: Random) -> str:
    """A registered domain that cannot exist."""
    rand = dice.random
    head, tail = _HEADS[int(rand() * len(_HEADS))], _TAILS[int(rand() * len(_TAILS))]
    return f"{head}{tail}.{TLDS[int(rand() * 3)]}"


def company(dice: Random) -> str:
    """A company's name that is plainly a simulation's."""
    rand = dice.random
    head, tail = _HEADS[int(rand() * len(_HEADS))], _TAILS[int(rand() * len(_TAILS))]
    return f"{head.capitalize()} {tail.capitalize()} Sim"
