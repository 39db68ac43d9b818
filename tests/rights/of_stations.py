"""What the pages, commands and forms about stations need: a right without which nothing is told and nothing is done."""

from collections.abc import Mapping

from bot.domain.rights import Right

COMMANDS: Mapping[str, Right] = {
    "stations": Right.STATION_LIST,
    "station": Right.STATION_LIST,
    "station edit": Right.STATIONS,
    "location": Right.STATIONS,
    "export": Right.STATION_LIST,
    "import": Right.STATIONS,
}
TABS: Mapping[str, Right] = {
    "general": Right.STATION_LIST,
    "points": Right.STATION_LIST,
    "operations": Right.OPERATIONS_TAB,
    "technician": Right.TECHNICIAN,
    "errors": Right.ERRORS,
    "history": Right.HISTORY,
    "stickers": Right.STICKERS,
}
"""`st.sheet` with each of its tabs."""
PAGES: Mapping[str, Right] = {
    "st.list": Right.STATION_LIST,
    "st.filter": Right.STATION_LIST,
    "st.places": Right.STATION_LIST,
    "st.by": Right.STATION_LIST,
    "st.clear": Right.STATION_LIST,
    "st.find": Right.STATION_LIST,
    "st.sheet": Right.STATION_LIST,
    "st.day": Right.HISTORY,
    "st.why": Right.OPERATIONS_TAB,
    "st.edit": Right.STATIONS,
    "se.point": Right.STATIONS,
    "se.id": Right.STATIONS,
    "se.new": Right.STATIONS,
    "se.type": Right.STATIONS,
    "se.kind": Right.STATIONS,
    "se.power": Right.STATIONS,
    "se.kw": Right.STATIONS,
    "se.drop": Right.STATIONS,
    "se.gone": Right.STATIONS,
    "se.where": Right.STATIONS,
    "se.at": Right.STATIONS,
    "se.whose": Right.STATIONS,
    "se.of": Right.STATIONS,
    "se.way": Right.STATIONS,
    "se.noway": Right.STATIONS,
    "se.wait": Right.STATIONS,
    "se.nowait": Right.STATIONS,
    "se.sites": Right.STATIONS,
    "se.site": Right.STATIONS,
    "se.field": Right.STATIONS,
    "se.make": Right.STATIONS,
    "sf.menu": Right.STATION_LIST,
    "sf.columns": Right.STATION_LIST,
    "sf.export": Right.STATION_LIST,
    "sf.import": Right.STATIONS,
    "sf.apply": Right.STATIONS,
    "sf.drop": Right.STATIONS,
}
FORMS: Mapping[str, Right] = {
    "st.search": Right.STATION_LIST,
    "se.id": Right.STATIONS,
    "se.type": Right.STATIONS,
    "se.power": Right.STATIONS,
    "se.way": Right.STATIONS,
    "se.wait": Right.STATIONS,
    "se.field": Right.STATIONS,
    "se.make": Right.STATIONS,
    "sf.file": Right.STATIONS,
}
