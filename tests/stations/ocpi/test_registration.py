"""Registering with a back end, exchanging tokens, and ending it, from either side."""

import aiohttp
import pytest
from aiohttp import web

from bot.domain.ocpi import Peer
from bot.sandbox.stations.cpo_books import Client
from bot.sandbox.stations.cpo_wire import Quirk, token_header
from bot.stations.ocpi.client import Failure, Trouble
from bot.stations.ocpi.tokens import header_of
from tests.stations.ocpi.scene import US, Scene


def wanted(scene: Scene, **more: object) -> Peer:
    return Peer("graz", "graz", scene.cpo.versions_url, US, **more)  # type: ignore[arg-type]  # Fields of a Peer.


async def test_the_peer_reads_our_versions_with_token_b_before_we_are_registered(scene: Scene) -> None:
    """The simulated back end registers nobody whose versions and endpoints it could not read."""
    peer = await scene.register()
    assert peer.registered
    assert scene.cpo.client is not None
    assert scene.cpo.client.is_shown == peer.our_token
    assert scene.cpo.client.shows == peer.their_token
    assert peer.name == "Simulated back end"
    assert scene.cpo.client.modules["locations", "RECEIVER"] == f"{scene.url}/ocpi/2.2.1/locations/"
    assert scene.cpo.client.modules["commands", "SENDER"] == f"{scene.url}/ocpi/2.2.1/commands/"


async def test_all_of_a_registration_is_kept_at_once(scene: Scene) -> None:
    peer = await scene.register()
    assert await scene.store.peers() == (peer,)
    assert peer.next_token is None
    assert peer.url_of("commands", "RECEIVER") == f"{scene.cpo.url}/2.2.1/commands"


async def test_credentials_and_versions_name_no_parties_and_locations_do(scene: Scene) -> None:
    await scene.connect()
    by_path = {seen.path: seen.headers for seen in scene.cpo.seen}
    for path in ("versions", "2.2.1", "2.2.1/credentials"):
        assert not [name for name in by_path[path] if name.startswith("OCPI-")], path
    headers = by_path["2.2.1/locations"]
    assert (headers["OCPI-from-country-code"], headers["OCPI-from-party-id"]) == ("AT", "SUP")
    assert (headers["OCPI-to-country-code"], headers["OCPI-to-party-id"]) == ("AT", "SWG")
    assert all(seen.headers["X-Request-ID"] and seen.headers["X-Correlation-ID"] for seen in scene.cpo.seen)
    assert len({seen.headers["X-Request-ID"] for seen in scene.cpo.seen}) == len(scene.cpo.seen)


async def test_token_a_is_void_after_the_registration(scene: Scene) -> None:
    await scene.register()
    again = await scene.gateway.registration.register(wanted(scene), "token-a")
    assert isinstance(again, Failure)
    assert again.trouble is Trouble.REFUSED
    assert await scene.store.peers() == (scene.peer,), "the registration that stands is not lost"


async def test_a_wrong_token_a_leaves_nothing_behind(scene: Scene) -> None:
    done = await scene.gateway.registration.register(wanted(scene), "wrong")
    assert isinstance(done, Failure)
    assert done.trouble is Trouble.REFUSED
    assert await scene.store.peers() == ()


async def test_a_peer_of_an_older_version_is_told_from_others(scene: Scene) -> None:
    scene.cpo.quirks.add(Quirk.ONLY_OLD_VERSIONS)
    done = await scene.gateway.registration.register(wanted(scene), "token-a")
    assert isinstance(done, Failure)
    assert "2.1.1" in done.detail
    assert await scene.store.peers() == ()


async def test_a_peer_that_is_away_is_an_answer_and_no_exception(scene: Scene) -> None:
    await scene.cpo.stop()
    done = await scene.gateway.registration.register(wanted(scene), "token-a")
    assert isinstance(done, Failure)
    assert done.trouble is Trouble.AWAY


async def test_an_answer_in_a_list_is_taken(scene: Scene) -> None:
    scene.cpo.quirks.add(Quirk.LISTS)
    await scene.connect()
    assert (await scene.snapshot()).connector is not None


async def test_tokens_can_be_sent_and_taken_raw(scene: Scene) -> None:
    scene.cpo.quirks |= {Quirk.RAW_TOKEN, Quirk.SPACE_AFTER_TOKEN}
    await scene.register(raw_token=True)
    await scene.pull()
    assert await scene.cpo.set_status("U1", "BLOCKED") == 1000


async def test_a_token_in_base64_with_white_space_inside_is_taken(scene: Scene) -> None:
    scene.cpo.quirks.add(Quirk.SPACE_AFTER_TOKEN)
    await scene.connect()
    assert await scene.cpo.set_status("U1", "BLOCKED") == 1000


async def test_after_a_rotation_only_the_new_tokens_are_good(scene: Scene) -> None:
    before = await scene.register()
    after = await scene.gateway.registration.rotate(before)
    assert isinstance(after, Peer)
    assert after.our_token not in {before.our_token, None}
    assert after.their_token not in {before.their_token, None}
    old = {"Authorization": header_of(before.our_token or "", raw=False)}
    new = {"Authorization": header_of(after.our_token or "", raw=False)}
    assert (await scene.ask("GET", "versions", headers=old)).http == 401
    assert (await scene.ask("GET", "versions", headers=new)).http == 200
    scene.registered.append(after)
    assert (await scene.pull()).failure is None


async def test_a_rotation_that_is_refused_changes_nothing(scene: Scene) -> None:
    before = await scene.register()
    scene.cpo.client = None
    done = await scene.gateway.registration.rotate(before)
    assert isinstance(done, Failure)
    assert await scene.store.peers() == (before,)


async def test_a_rotation_whose_answer_is_lost_lets_in_both_tokens(scene: Scene) -> None:
    """The peer may have the new token, and nobody can tell."""
    before = await scene.register()

    async def losing(request: web.Request) -> web.Response:
        if request.method == "PUT":
            return web.Response(status=502)
        return await serve(request)

    serve, scene.cpo._serve = scene.cpo._serve, losing  # type: ignore[method-assign]  # The answer gets lost here.
    await restart(scene)
    assert isinstance(await scene.gateway.registration.rotate(before), Failure)
    (kept,) = await scene.store.peers()
    assert kept.our_token == before.our_token
    for token in (kept.our_token, kept.next_token):
        shown = {"Authorization": header_of(token or "", raw=False)}
        assert (await scene.ask("GET", "2.2.1/credentials", headers=shown)).http == 200


async def restart(scene: Scene) -> None:
    await scene.cpo.stop()
    await scene.cpo.start()


async def test_an_end_is_told_to_the_peer_and_forgets_it(scene: Scene) -> None:
    await scene.connect()
    assert await scene.gateway.registration.end(scene.peer) is None
    assert scene.cpo.client is None
    assert await scene.store.peers() == ()
    assert await scene.store.links() == ()
    assert (await scene.ask("GET", "versions")).http == 401


@pytest.mark.parametrize("quirk", [Quirk.NO_DATA, Quirk.DELETED_TOKEN_LIVES])
async def test_an_end_is_one_whatever_the_peer_makes_of_it(scene: Scene, quirk: Quirk) -> None:
    scene.cpo.quirks.add(quirk)
    await scene.connect()
    assert await scene.gateway.registration.end(scene.peer) is None
    assert (await scene.ask("GET", "versions")).http == 401


async def test_an_end_that_the_peer_did_not_hear_is_none(scene: Scene) -> None:
    await scene.register()
    await scene.cpo.stop()
    failure = await scene.gateway.registration.end(scene.peer)
    assert failure is not None
    assert await scene.store.peers() == (scene.peer,)


async def test_an_end_of_what_the_peer_has_forgotten_is_an_end(scene: Scene) -> None:
    await scene.register()
    scene.cpo.client = None
    assert await scene.gateway.registration.end(scene.peer) is None
    assert await scene.store.peers() == ()


async def test_a_second_post_of_a_registered_peer_is_405(scene: Scene) -> None:
    await scene.register()
    answer = await scene.cpo.call_module(
        "POST", "credentials", body={"token": "x", "url": scene.cpo.versions_url}
    )
    assert answer["http"] == 405
    assert await scene.store.peers() == (scene.peer,)


async def test_put_and_delete_without_a_registration_are_405_and_other_modules_401(scene: Scene) -> None:
    await scene.store.keep_peer(Peer("graz", "graz", "", US, next_token="token-z"))
    shown = {"Authorization": header_of("token-z", raw=False)}
    body = {"token": "x", "url": scene.cpo.versions_url}
    assert (await scene.ask("PUT", "2.2.1/credentials", body, headers=shown)).http == 405
    assert (await scene.ask("DELETE", "2.2.1/credentials", headers=shown)).http == 405
    for method, path in (
        ("GET", "locations/AT/SWG/LOC1"),
        ("PUT", "sessions/AT/SWG/S1"),
        ("POST", "commands/X/y"),
    ):
        assert (await scene.ask(method, f"2.2.1/{path}", {}, headers=shown)).http == 401, path
    assert (await scene.ask("GET", "versions", headers=shown)).http == 200


async def test_a_peer_may_exchange_its_tokens_itself(scene: Scene) -> None:
    await scene.connect()
    before = scene.peer
    assert await scene.cpo.rotate() == 1000
    (after,) = await scene.store.peers()
    assert after.their_token not in {before.their_token, None}
    assert after.our_token not in {before.our_token, None}
    assert after.registered_at == before.registered_at
    assert await scene.cpo.set_status("U1", "BLOCKED") == 1000
    scene.clock.pass_time(minutes=10)
    assert (await scene.snapshot()).asked
    assert (await scene.snapshot()).connector is not None
    assert (await scene.ask("GET", "versions")).http == 401, "the old token is void"


async def test_a_peer_may_end_it_itself_and_come_again_with_a_new_token_only(scene: Scene) -> None:
    await scene.connect()
    assert (await scene.cpo.call_module("DELETE", "credentials"))["status_code"] == 1000
    assert scene.gateway.capabilities("S1") == frozenset()
    assert (await scene.ask("GET", "versions")).http == 401
    (kept,) = await scene.store.peers()
    assert (kept.registered, kept.our_token, kept.their_token) == (False, None, None)


async def test_a_peer_registers_with_us_by_a_token_that_we_gave(scene: Scene) -> None:
    await scene.store.keep_peer(Peer("graz", "graz", "", US, next_token="token-z"))
    shown = {"Authorization": header_of("token-z", raw=False)}
    scene.cpo.client = Client(shows="their-token", is_shown="")
    body = scene.cpo._credentials("their-token")
    answer = await scene.ask("POST", "2.2.1/credentials", body, headers=shown)
    assert (answer.http, answer.code) == (200, 1000)
    (peer,) = await scene.store.peers()
    assert peer.registered
    assert (peer.our_token, peer.their_token, peer.next_token) == (answer.data["token"], "their-token", None)
    assert answer.data["url"] == f"{scene.url}/ocpi/versions"
    assert answer.data["roles"][0]["role"] == "EMSP"
    assert (await scene.ask("GET", "versions", headers=shown)).http == 401, "token A is void"
    scene.registered.append(peer)
    assert (await scene.pull()).locations == 1


async def test_a_peer_whose_versions_cannot_be_read_is_not_registered(scene: Scene) -> None:
    await scene.store.keep_peer(Peer("graz", "graz", "", US, next_token="token-z"))
    shown = {"Authorization": header_of("token-z", raw=False)}
    body = {"token": "nobody-knows-it", "url": scene.cpo.versions_url}
    answer = await scene.ask("POST", "2.2.1/credentials", body, headers=shown)
    assert answer.code == 3001
    scene.cpo.quirks.add(Quirk.ONLY_OLD_VERSIONS)
    old = await scene.ask("POST", "2.2.1/credentials", body | {"token": "token-a"}, headers=shown)
    assert old.code == 3002
    (peer,) = await scene.store.peers()
    assert not peer.registered


@pytest.mark.parametrize(
    "body", [{}, {"token": "x"}, {"token": "x", "url": "ftp://x"}, {"url": "http://x"}, 3]
)
async def test_credentials_that_lack_something_are_2001(scene: Scene, body: object) -> None:
    await scene.store.keep_peer(Peer("graz", "graz", "", US, next_token="token-z"))
    shown = {"Authorization": header_of("token-z", raw=False)}
    answer = await scene.ask("POST", "2.2.1/credentials", body, headers=shown)
    assert (answer.http, answer.code) == (200, 2001)


async def test_our_credentials_can_be_read(scene: Scene) -> None:
    await scene.register()
    answer = await scene.cpo.call_module("GET", "credentials")
    data = answer["data"]
    assert isinstance(data, dict)
    assert data["token"] == scene.peer.our_token


async def test_a_token_is_shown_to_no_other_host_than_the_peers(scene: Scene) -> None:
    """A redirect elsewhere is not followed: it would carry the token along."""
    shown: list[str | None] = []

    async def thief(request: web.Request) -> web.Response:
        shown.append(request.headers.get("Authorization"))
        return web.json_response({"status_code": 1000, "data": []})

    async def redirect(_: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"http://localhost:{port}/versions")

    app = web.Application()
    app.router.add_get("/versions", thief)
    app.router.add_get("/redirect", redirect)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        peer = Peer("graz", "graz", f"http://127.0.0.1:{port}/redirect", US)
        assert isinstance(await scene.gateway.registration.register(peer, "secret"), Failure)
        assert shown == []
    finally:
        await runner.cleanup()


async def test_a_redirect_within_the_peers_host_is_followed_with_all_that_was_sent(scene: Scene) -> None:
    """Some servers send every request that lacks the last slash to the one with it."""
    serve = scene.cpo._serve

    async def strict(request: web.Request) -> web.Response:
        if not request.path.endswith("/"):
            raise web.HTTPTemporaryRedirect(f"{request.path}/")
        return await serve(request)

    scene.cpo._serve = strict  # type: ignore[method-assign]  # It wants its slashes.
    await restart(scene)
    await scene.connect()
    assert scene.cpo.client is not None


async def test_the_quirk_of_a_second_post_costs_us_nothing(scene: Scene) -> None:
    """Some peers take a second POST; who registers anew with them is registered anew."""
    first = await scene.register()
    scene.cpo.quirks.add(Quirk.POSTS_AGAIN)
    again = await scene.gateway.registration.register(wanted(scene), first.their_token or "")
    assert isinstance(again, Peer)
    assert again.their_token != first.their_token
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"{scene.cpo.url}/versions",
            headers={"Authorization": token_header(again.their_token or "", set())},
        ) as response,
    ):
        assert response.status == 200
