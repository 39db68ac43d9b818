"""Stickers as operators have them, and nastier ones."""

from bot.paper.sticker import Sticker, start_link
from bot.views.i18n import load_texts

TEXTS = load_texts()
LANGUAGES = ("de", "en")
LONGEST_EVSE_ID = "AT*SWG*E" + "0123456789" * 4
SENTENCES = tuple(TEXTS.to(language)("paper.sticker") for language in LANGUAGES)


def sticker(evse_id: str = "DE*DES*E*BMW*0113*2", station: str = "BMW-0113 · Wien Hauptbahnhof") -> Sticker:
    return Sticker(evse_id, station, "+43 1 234 56 78", start_link("evse_support_bot", evse_id), SENTENCES)


ORDINARY = sticker()
LONGEST = sticker(
    LONGEST_EVSE_ID, "GRAZ-HAUPTBAHNHOF-0001 · Parkgarage am Hauptbahnhof Graz-Eggenberg, Ebene 2"
)
FOREIGN = sticker("BG*SOF*E1*1", "СОФИЯ-1 · Αθήνα, Łódź, Žižkov")
