// What is known of the sandbox, kept current by one stream of numbered changes.

import { pause } from "./dom.js";

/** chats: id → chat; stations: id → station; presses: query → press that waits for its answer; mails: oldest first. */
export const store = {
  scene: null,
  bot: null,
  service: { phase: "starting" },
  chats: new Map(),
  stations: new Map(),
  presses: new Map(),
  mails: [],
  minutes: 0,
  number: 0,
};

const listeners = new Map();

/** Calls `listener` with each event of this kind; "any" hears all. */
export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(listener);
  return () => listeners.get(kind).delete(listener);
}

function emit(kind, event) {
  for (const name of [kind, "any"]) for (const listener of listeners.get(name) ?? []) listener(event, kind);
}

async function fetched(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function posted(path, body) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error ?? `${answer.status}`);
  return result;
}

/** Lets a person do something in Telegram. */
export const act = (who, deed, fields = {}) => posted("/sandbox/telegram/act", { as: who, do: deed, ...fields });

/** Does something to a station. */
export const toStation = (id, deed) => posted(`/sandbox/stations/${encodeURIComponent(id)}`, deed);

/** "kill" or "start". */
export const toBot = (deed) => posted(`/sandbox/bot/${deed}`);

/** "cut" or "return": all stations of a site at the same moment. */
export const toSite = (id, deed) => posted(`/sandbox/sites/${encodeURIComponent(id)}/power/${deed}`);

/** Puts everybody's clock forward. */
export const passTime = (minutes) => posted("/sandbox/time", { minutes });

export const startOver = () => posted("/sandbox/again");

/** Presses an inline button; the stream tells of the press, and then of the answer. */
export const press = (who, chat, message, data) =>
  act(who, "press", { chat: chat < 0 ? chat : undefined, message, button: data });

/** Presses a button in place of the keys, in a private chat: it sends its words, or the contact that it asks for. */
export const tap = (who, button) => act(who, "tap", { button });

/** Reads everything and follows what changes. */
export async function open() {
  await load();
  follow();
}

async function load() {
  // The world comes first: what happens while the rest is read is then told again by the stream, to no harm.
  const world = await fetched("/sandbox/telegram/world?messages=500");
  const scene = await fetched("/sandbox/scene");
  if (store.scene && store.scene.run !== scene.run) location.reload();
  store.scene = scene;
  store.bot = world.bots[0];
  store.service = scene.bot;
  store.number = world.number;
  store.mails = scene.mails;
  store.minutes = scene.time.minutes;
  store.chats = new Map(world.chats.map((chat) => [chat.id, readChat(chat)]));
  const states = new Map(scene.states.map((state) => [state.station_id, state]));
  store.stations = new Map(
    scene.stations.map((station) => [station.id, { ...station, state: states.get(station.id) }]),
  );
  emit("loaded", {});
}

function readChat(chat) {
  return {
    ...chat,
    messages: new Map(chat.messages.map((message) => [message.message_id, message])),
    topics: new Map(chat.topics.map((topic) => [topic.message_thread_id, topic])),
    typing: null,
  };
}

function follow() {
  const source = new EventSource(`/sandbox/telegram/events?after=${store.number}`);
  source.onmessage = async (raw) => {
    const event = JSON.parse(raw.data);
    if (event.number <= store.number) return;
    if (event.number > store.number + 1) return again(source, 0);
    store.number = event.number;
    take(event);
  };
  source.onopen = () => emit("connection", { live: true });
  source.onerror = () => again(source, 600);
}

async function again(source, wait) {
  source.close();
  emit("connection", { live: false });
  for (;;) {
    await pause(wait);
    try {
      await load();
      return follow();
    } catch {
      wait = 1000;
    }
  }
}

function take(event) {
  const change = CHANGES[event.kind];
  if (change) change(event);
  emit(event.kind, event);
}

const CHANGES = {
  message: keepMessage,
  edit: keepMessage,
  reaction: keepMessage,
  delete: ({ chat, data }) => store.chats.get(chat)?.messages.delete(data.message_id),
  topic: ({ chat, data }) => store.chats.get(chat)?.topics.set(data.message_thread_id, data),
  member: ({ chat, data }) => {
    const known = store.chats.get(chat);
    if (known?.type === "private") known.blocked = data.new_chat_member.status === "kicked";
  },
  press: ({ chat, data }) => store.presses.set(data.query, { chat, message: data.message_id, data: data.data }),
  answer: ({ data }) => {
    data.press = store.presses.get(data.query);
    store.presses.delete(data.query);
  },
  station: ({ data }) => {
    const station = store.stations.get(data.station_id);
    if (station) station.state = data;
  },
  frame: ({ data }) => {
    const station = store.stations.get(data.station_id);
    if (!station || station.frames.some((frame) => frame.number === data.number)) return;
    station.frames.push(data);
    if (station.frames.length > 60) station.frames.shift();
  },
  service: ({ data }) => {
    store.service = data;
  },
  mail: ({ data }) => {
    if (!store.mails.some((mail) => mail.number === data.number)) store.mails.push(data);
  },
  time: ({ data }) => {
    store.minutes = data.minutes;
  },
};

function keepMessage({ chat, data }) {
  const known = store.chats.get(chat);
  if (!known) return;
  known.started = true;
  known.messages.set(data.message_id, data);
}

/** The buttons of a message, in one list. */
export const buttonsOf = (message) => (message.reply_markup?.inline_keyboard ?? []).flat();

/** The newest message above number `after` with a button whose data begins with `data` (and ends with `end`). */
export function withButton(chatId, data, after = 0, end = "") {
  const messages = [...(store.chats.get(chatId)?.messages.values() ?? [])].reverse();
  for (const message of messages) {
    if (message.message_id <= after) break;
    const button = buttonsOf(message).find((each) => each.callback_data?.startsWith(data) && each.callback_data.endsWith(end));
    if (button) return { message, button };
  }
  return null;
}

/** The number of the newest message of a chat. */
export const lastNumber = (chatId) => Math.max(0, ...(store.chats.get(chatId)?.messages.keys() ?? []));
