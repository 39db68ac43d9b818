"""The landing page of a sticker: for phones on which the link of a sticker shall not open the chat at once."""

from html import escape

from aiohttp import web

from bot.domain import start_payload
from bot.domain.account import Accounts
from bot.domain.operator import Operator, Place
from bot.views.i18n import Texts, Translate
from storage.database import Database
from storage.uow import UnitOfWork


def add_landing(app: web.Application, database: Database, accounts: Accounts, texts: Texts) -> None:
    """`/e/<payload>`: which charging point it is, one button into the chat, and the hotline's number.

    It tells nothing of the station's state, sets no cookie, loads nothing from elsewhere and runs no script.
    """

    async def landing(request: web.Request) -> web.Response:
        evse_id = start_payload.decode(request.match_info["payload"])

        def read(uow: UnitOfWork) -> Place | None:
            return None if evse_id is None else uow.operators.place(evse_id)

        place = await database.read(read)
        if place is None or not place.station.service_active:
            t = _preferred(request, texts, None)
            return _page(t, t("landing.unknown_title"), f"<p>{escape(t('landing.unknown'))}</p>", status=404)
        t = _preferred(request, texts, place.operator)
        chat = accounts.link(accounts.of(place.operator.id), request.match_info["payload"])
        return _page(t, place.operator.name, _body(place, chat, t))

    app.router.add_get(start_payload.PAGE_PATH + "{payload}", landing)


def _preferred(request: web.Request, texts: Texts, operator: Operator | None) -> Translate:
    """The first language of the browser that there is; else the operator's."""
    for wanted in request.headers.get("Accept-Language", "").split(","):
        code = wanted.partition(";")[0].strip().partition("-")[0].lower()
        if code in texts.by_language:
            return texts.to(code)
    return texts.to(None if operator is None else operator.language)


def _body(place: Place, chat: str | None, t: Translate) -> str:
    where = f"{place.location.name}, {place.location.address}, {place.location.city}"
    phone = place.operator.hotline_phone
    dial = "".join(each for each in phone if each.isdigit() or each == "+")
    button = "" if chat is None else f'<a class="go" href="{escape(chat)}">{escape(t("landing.chat"))}</a>'
    return (
        f"<p class=where>{escape(where)}</p><p class=evse>{escape(place.evse.evse_id)}</p>"
        f"<p>{escape(t('landing.says'))}</p>{button}"
        f'<a class="call" href="tel:{escape(dial)}">{escape(t("landing.call", phone=phone))}</a>'
    )


_STYLE = (
    "body{font:18px/1.45 system-ui,sans-serif;margin:0;background:#f4f5f7;color:#14171c}"
    "main{max-width:26rem;margin:0 auto;padding:2rem 1.25rem}"
    "h1{font-size:1.4rem;margin:0 0 .75rem}.where{margin:0;color:#4a5260}"
    ".evse{font:600 1.25rem/1.3 ui-monospace,monospace;margin:.25rem 0 1.5rem;overflow-wrap:anywhere}"
    "a{display:block;text-align:center;text-decoration:none;padding:1rem;border-radius:.75rem;margin-top:.75rem}"
    ".go{background:#0b57d0;color:#fff;font-weight:600}.call{border:2px solid #0b57d0;color:#0b57d0}"
    "@media(prefers-color-scheme:dark){body{background:#14171c;color:#f4f5f7}.where{color:#b6bdc9}"
    ".go{background:#a8c7fa;color:#062e6f}.call{border-color:#a8c7fa;color:#a8c7fa}}"
)


def _page(t: Translate, title: str, body: str, *, status: int = 200) -> web.Response:
    html = (
        f'<!doctype html><html lang="{t.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
        "Referrer-Policy": "no-referrer",
    }
    return web.Response(text=html, content_type="text/html", status=status, headers=headers)
