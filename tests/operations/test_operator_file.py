"""An operator's file: each mistake is named by its key, and a file without any is read as it stands."""

from collections.abc import Callable

import pytest

from bot.operations.operator_file import OperatorFileError, read_operator_file

FILE = """
[operator]
id = "graz"
name = "Stadtwerke Graz"
country_code = "AT"
party_id = "SWG"
time_zone = "Europe/Vienna"
language = "en"
currency = "EUR"
price_per_station_month = "9.90"
hotline_phone = "+43 316 000000"

[hotline]
chat_id = -1001234567890

[[group]]
name = "Hotline"
scope = "instance"
rights = ["infrastructure.remote_actions"]

[[person]]
telegram_id = 3001
name = "Anna"
groups = ["Hotline"]

[[location]]
id = "hbf"
name = "Graz Hbf"
address = "Europaplatz 4"
postal_code = "8020"
city = "Graz"
country = "AT"
latitude = 47.07
longitude = 15.41

[[station]]
id = "GRAZ-01"
location = "hbf"
service_active = true

[[station.evse]]
evse_id = "AT*SWG*E0001*1"
connector = 1
type = "CCS2"
power_kw = 150

[[station.evse]]
evse_id = "AT*SWG*E0001*2"
connector = 2
type = "Type2"
power_kw = 22
"""

Edit = Callable[[str], str]


def put(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return edit


def add(more: str) -> Edit:
    return lambda text: text + more


SECOND_STATION = """
[[station]]
id = "GRAZ-0{}"
location = "hbf"

[[station.evse]]
evse_id = "{}"
connector = 1
type = "CCS2"
power_kw = 50
"""
MISTAKES: dict[str, tuple[Edit, str]] = {
    "unknown key": (put('name = "Graz Hbf"', 'name = "Graz Hbf"\nstreet = "x"'), "location[1](hbf).street: "),
    "unknown table": (add('\n[[charger]]\nid = "x"\n'), "charger: "),
    "missing key": (put('city = "Graz"\n', ""), "location[1](hbf).city: Field required"),
    "missing operator": (lambda text: text.replace("[operator]", "[hotline2]"), "operator: Field required"),
    "wrong type": (
        put("connector = 1\n", 'connector = "one"\n'),
        "station[1](GRAZ-01).evse[1](AT*SWG*E0001*1).connector: ",
    ),
    "time zone": (put("Europe/Vienna", "Europe/Graz"), "operator.time_zone: is not a time zone"),
    "evse id": (put("AT*SWG*E0001*1", "Säule 1"), "station[1](GRAZ-01).evse[1](Säule 1).evse_id: is not an EVSE ID"),
    "pool id": (put("AT*SWG*E0001*1", "AT*SWG*P0001"), "evse[1](AT*SWG*P0001).evse_id: is not an EVSE ID"),
    "location": (put('location = "hbf"', 'location = "hpf"'), "station(GRAZ-01).location: there is no location 'hpf'"),
    "group": (put('groups = ["Hotline"]', 'groups = ["Hotlien"]'), "person(Anna).groups: there is no group 'Hotlien'"),
    "right": (put("infrastructure.remote_actions", "remote"), "group[1](Hotline).rights[1]: "),
    "price as a number": (put('"9.90"', "9.90"), "operator.price_per_station_month: "),
    "price in words": (put('"9.90"', '"ten"'), "operator.price_per_station_month: is not an amount such as"),
    "price below zero": (put('"9.90"', '"-1"'), "operator.price_per_station_month: is not an amount of zero"),
    "endless price": (put('"9.90"', '"NaN"'), "operator.price_per_station_month: is not an amount of zero"),
    "price finer than its currency": (
        put('"9.90"', '"9.905"'),
        "operator.price_per_station_month: has more than the 2 decimals",
    ),
    "price of no operator": (put('"9.90"', '"1e30"'), "operator.price_per_station_month: is too much"),
    "private chat as hotline": (put("-1001234567890", "1234"), "hotline.chat_id: "),
    "country": (put('country_code = "AT"', 'country_code = "Austria"'), "operator.country_code: "),
    "latitude": (put("47.07", "147.07"), "location[1](hbf).latitude: "),
    "two stations of one id": (add(SECOND_STATION.format(1, "AT*SWG*E0002")), "station.id: 'GRAZ-01' stands twice"),
    "two evses of one id": (
        add(SECOND_STATION.format(2, "at*swg*e0001*1")),
        "station.evse.evse_id: 'AT*SWG*E0001*1' stands twice",
    ),
    "two evses at one connector": (
        put("connector = 2", "connector = 1"),
        "station(GRAZ-01).evse.connector: '1' stands twice",
    ),
    "two groups of one name": (
        add('\n[[group]]\nname = "Hotline"\nscope = "entity"\nrights = []\n'),
        "group.name: 'Hotline' stands twice",
    ),
    "two people of one account": (
        add('\n[[person]]\ntelegram_id = 3001\nname = "Otto"\n'),
        "person.telegram_id: '3001' stands twice",
    ),
    "no toml": (put("[hotline]", "[hotline"), "(at line 13, "),
}  # fmt: skip


def mistakes_of(text: str) -> tuple[str, ...]:
    with pytest.raises(OperatorFileError) as refused:
        read_operator_file(text)
    assert str(refused.value) == "\n".join(refused.value.mistakes)
    return refused.value.mistakes


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_by_its_key(name: str) -> None:
    edit, expected = MISTAKES[name]
    assert any(expected in mistake for mistake in mistakes_of(edit(FILE)))


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = put("Europe/Vienna", "Mars")(put("47.07", "99")(put("power_kw = 22", "power_kw = 0")(FILE)))
    keys = [mistake.partition(":")[0] for mistake in mistakes_of(text)]
    assert keys == [
        "operator.time_zone",
        "location[1](hbf).latitude",
        "station[1](GRAZ-01).evse[2](AT*SWG*E0001*2).power_kw",
    ]


def test_a_password_is_not_repeated_in_a_mistake() -> None:
    text = put("service_active = true", 'service_active = true\npassword = "short"')(FILE)
    (mistake,) = mistakes_of(text)
    assert mistake.startswith("station[1](GRAZ-01).password: ")
    assert "short" not in mistake.removeprefix("station[1](GRAZ-01).password: ")


def test_an_evse_id_is_kept_as_stickers_print_it() -> None:
    file = read_operator_file(put("AT*SWG*E0001*1", "at*swg*e0001*1")(FILE))
    assert file.station[0].evse[0].evse_id == "AT*SWG*E0001*1"


def test_the_least_of_a_file_needs_no_hotline_and_no_stations() -> None:
    file = read_operator_file(FILE.partition("[hotline]")[0])
    assert (file.hotline, file.station, file.person) == (None, [], [])


def test_a_station_may_still_be_without_an_evse() -> None:
    # One that was adopted has none until somebody gives it some; the file that is exported must be taken again.
    file = read_operator_file(FILE + '\n[[station]]\nid = "GRAZ-09"\nlocation = "hbf"\nevse = []\n')
    assert file.station[-1].evse == []
