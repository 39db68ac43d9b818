"""A topic is kept before its card is sent, so that a crash between the two opens no second one; the card follows."""

from storage.uow import UnitOfWork
from tests.acceptance.conftest import Stage


async def test_a_topic_whose_card_was_never_sent_gets_it_with_the_next_that_comes(stage: Stage) -> None:
    stage.lena.start()
    stage.lena.command("agent")
    card = await stage.topic_shows("waiting for an agent", button="✋ Take over")

    def kept(uow: UnitOfWork) -> bool:
        case = uow.cases.get(1)
        return case is not None and case.card_message is not None

    assert await stage.eventually(kept)

    def died_before_the_card(uow: UnitOfWork) -> None:
        case = uow.cases.get(1)
        assert case is not None and case.topic is not None
        uow.cases.set_topic(case.id, case.topic, None)

    await stage.database.write(died_before_the_card)
    stage.lena.text("is anybody there?")
    again = await stage.world.until_shown(
        stage.hotline, "waiting for an agent", button="✋ Take over", after=card.id, timeout=8
    )
    copied = await stage.topic_shows("is anybody there?")
    assert (again.thread, copied.thread) == (card.thread, card.thread)
    assert sum(topic.name.startswith("#1 ") for topic in stage.hotline.topics.values()) == 1
