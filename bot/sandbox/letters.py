"""The e-mails by HTTP, for the page: their HTML without any power, and their files."""

from urllib.parse import quote

from aiohttp import web

from bot.sandbox.mail import PostOffice, ReceivedMail

_POWERLESS = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'"
)
"""No script, no request to anywhere: what an e-mail program should do with HTML.

A link opens in a window of its own, which is as free as any.
"""
_IN_A_WINDOW = '<head><base target="_blank">'


class Letters:
    """The routes over one post office."""

    def __init__(self, post_office: PostOffice) -> None:
        self._post_office = post_office

    def add_routes(self, app: web.Application) -> None:
        """Serves `/sandbox/mail/`."""
        app.router.add_get(r"/sandbox/mail/{number:\d+}/html", self._html)
        app.router.add_get(r"/sandbox/mail/{number:\d+}/files/{place:\d+}", self._file)

    async def _html(self, request: web.Request) -> web.Response:
        mail = self._mail(request)
        if mail.html is None:
            raise web.HTTPNotFound
        headers = {"Content-Security-Policy": _POWERLESS}
        text = mail.html.replace("<head>", _IN_A_WINDOW, 1)
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _file(self, request: web.Request) -> web.Response:
        files, place = self._mail(request).attachments, int(request.match_info["place"])
        if place >= len(files):
            raise web.HTTPNotFound
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(files[place].name, safe='')}",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=files[place].content, content_type=files[place].mime, headers=headers)

    def _mail(self, request: web.Request) -> ReceivedMail:
        mail = self._post_office.find(int(request.match_info["number"]))
        if mail is None:
            raise web.HTTPNotFound
        return mail
