"""The straw man: python-telegram-bot as it comes, an ORM on aiosqlite, no inbox and no outbox."""

import os
from datetime import UTC, datetime

import httpx
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from benchmarks.plan import PERSON, STATIONS, SYMPTOM, SYMPTOM_DATA, TOKEN, station_of


class Base(DeclarativeBase):
    pass


class Report(Base):
    __tablename__ = "reports"
    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[int] = mapped_column(index=True)
    evse_id: Mapped[str]
    state: Mapped[str]
    status: Mapped[str | None]
    topic: Mapped[int | None]
    changed_at: Mapped[datetime]


class Event(Base):
    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    kind: Mapped[str]
    words: Mapped[str | None]
    at: Mapped[datetime]


engine = create_async_engine(os.environ["DATABASE_URL"])
Session = async_sessionmaker(engine, expire_on_commit=False)
Context = ContextTypes.DEFAULT_TYPE
HOTLINE = int(os.environ["BENCH_HOTLINE"])


async def latest(session: AsyncSession, chat: int) -> Report:
    return (
        await session.execute(select(Report).where(Report.chat == chat).order_by(Report.id.desc()).limit(1))
    ).scalar_one()


def event(report: Report, kind: str, words: str | None = None) -> Event:
    return Event(report_id=report.id, kind=kind, words=words, at=datetime.now(UTC))


async def start(update: Update, context: Context) -> None:
    assert update.message is not None and context.args
    name = context.args[0].replace("_", "*")
    async with Session() as session:
        report = Report(
            chat=update.message.chat_id, evse_id=name, state="draft", changed_at=datetime.now(UTC)
        )
        session.add(report)
        await session.flush()
        session.add(event(report, "scanned"))
        await session.commit()
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(SYMPTOM, callback_data=SYMPTOM_DATA)]])
    await update.message.reply_html(f"<b>{name}</b>: what is wrong?", reply_markup=keyboard)


async def diagnose(update: Update, context: Context) -> None:
    query = update.callback_query
    assert query is not None
    await query.answer()
    async with Session() as session:
        report = await latest(session, query.from_user.id)
    await query.edit_message_text(f"<b>{report.evse_id}</b>: looking …", parse_mode="HTML")
    station, connector = station_of(int(report.evse_id[-4:]))
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{os.environ[STATIONS]}/station/{station}/{connector}")
    async with Session() as session:
        report = await latest(session, query.from_user.id)
        report.status, report.state, report.changed_at = (
            answer.json()["status"],
            "diagnosed",
            datetime.now(UTC),
        )
        session.add(event(report, "diagnosed"))
        await session.commit()
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(PERSON, callback_data="p|person")]])
    text = f"<b>{report.evse_id}</b>: {report.status}"
    await query.edit_message_text(text, parse_mode="HTML", reply_markup=keyboard)


async def agent(update: Update, context: Context) -> None:
    assert update.message is not None
    await update.message.reply_text("A person has been called.")
    async with Session() as session:
        report = await latest(session, update.message.chat_id)
        topic = await context.bot.create_forum_topic(HOTLINE, report.evse_id)
        report.topic, report.state = topic.message_thread_id, "escalated"
        report.changed_at = datetime.now(UTC)
        session.add(event(report, "escalated"))
        await session.commit()
    await context.bot.send_message(HOTLINE, f"Case on {report.evse_id}", message_thread_id=report.topic)


async def words(update: Update, context: Context) -> None:
    assert update.message is not None
    async with Session() as session:
        report = await latest(session, update.message.chat_id)
        session.add(event(report, "said", update.message.text))
        await session.commit()
    await context.bot.copy_message(
        HOTLINE, update.message.chat_id, update.message.message_id, message_thread_id=report.topic
    )


async def create(_application: object) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


def main() -> None:
    url = os.environ["TELEGRAM_API_URL"]
    application = (
        Application.builder()
        .token(TOKEN)
        .base_url(f"{url}/bot")
        .base_file_url(f"{url}/file/bot")
        .post_init(create)
    ).build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CommandHandler("agent", agent))
    application.add_handler(CallbackQueryHandler(diagnose))
    application.add_handler(MessageHandler(filters.TEXT & filters.ChatType.PRIVATE, words))
    application.run_polling()


if __name__ == "__main__":
    main()
