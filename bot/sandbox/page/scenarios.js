// The stories that the guide tells, step by step. A step knows when it is done, and how to do itself.

import { act, lastNumber, press, store, toStation, withButton } from "./store.js";
import { healings } from "./condition.js";
import { pause } from "./dom.js";
import { scan } from "./stickers.js";

const LENA = 3001;
const ANNA = 4001;
const TOM = 2001;
const PATIENCE_MS = 4000;

const bot = () => store.bot.id;
const hotline = () => store.scene.hotline;

/** Presses the newest button of this kind that came after the story began. */
async function tap(story, who, chat, data, end = "") {
  const found = withButton(chat, data, chat === hotline() ? story.group : story.from[chat], end);
  if (!found) throw new Error("The bot has not shown that button yet; wait a moment.");
  await press(who, chat, found.message.message_id, found.button.callback_data);
}

const shown = (story, chat, data) => Boolean(withButton(chat, data, chat === hotline() ? story.group : story.from[chat]));

const newest = (chat, since, fits) =>
  [...store.chats.get(chat).messages.values()].reverse().find((message) => message.message_id > since && fits(message));

const topicOf = (story) =>
  [...store.chats.get(hotline()).topics.values()].findLast((topic) => topic.message_thread_id > story.group && !topic.deleted);

/** Ends what Lena had open, so that every story begins afresh. */
async function clearTheTable() {
  const chat = store.chats.get(LENA);
  if (chat.blocked) await act(LENA, "unblock");
  if (!chat.messages.size) return;
  const before = lastNumber(LENA);
  await act(LENA, "text", { text: "/cancel" });
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until && !newest(LENA, before, (message) => message.from.id === bot())) await pause(100);
  const leave = withButton(LENA, "p|cancel", before);
  if (leave) await press(LENA, LENA, leave.message.message_id, leave.button.callback_data);
  await pause(400);
}

const scanStep = (text) => ({
  text,
  pane: "driver",
  done: (story) => Boolean(newest(LENA, story.from[LENA], (m) => m.from.id === bot() && m.reply_markup)),
  doIt: (story) => scan(LENA, story.connector),
});

const says = (symptom, text, done) => ({ text, pane: "driver", done, doIt: (story) => tap(story, LENA, LENA, `w|${symptom}`) });

const takeOver = {
  text: "The hotline has a new topic with everything known. Take it over as Anna.",
  pane: "hotline",
  done: (story) => Boolean(topicOf(story)) && shown(story, hotline(), "c|back"),
  doIt: (story) => tap(story, ANNA, hotline(), "c|take"),
};

const rate = {
  text: "Rate the help as Lena.",
  pane: "driver",
  done: (story) => story.rated && !shown(story, LENA, "c|rate"),
  doIt: (story) => tap(story, LENA, LENA, "c|rate", "|5"),
};

const rating = (story) => {
  story.rated ||= shown(story, LENA, "c|rate");
  return story.rated;
};

const wasReset = (id) =>
  store.stations.get(id).frames.some(({ direction, frame }) => direction === "in" && frame[0] === 2 && frame[2] === "Reset");

export const SCENARIOS = [
  {
    key: "restart",
    title: "A hung station that a restart revives",
    // A station is restarted once in six hours at most, so each telling needs another one.
    stations: ["GRAZ-02", "GRAZ-06", "GRAZ-05", "GRAZ-01", "GRAZ-04"],
    fits: (id, used) => !used.includes(id) && !wasReset(id),
    prepare: (id) =>
      toStation(id, {
        do: "fault",
        connector: 1,
        error_code: "InternalError",
        info: "Charging controller does not respond",
        clears_on: "soft_reset",
      }),
    steps: [
      scanStep("{station} hangs. Scan its sticker as Lena."),
      says("will_not_start", "Tell the bot what is wrong: “Will not start”.", (story) => shown(story, LENA, "c|do")),
      {
        text: "It offers what is safe here: let it restart the station.",
        pane: "driver",
        done: (story) => wasReset(story.station),
        doIt: (story) => tap(story, LENA, LENA, "c|do"),
      },
      {
        text: "The station restarts. Only its own report counts as proof; then say “It works now”.",
        pane: "driver",
        done: rating,
        doIt: async (story) => {
          const ready = () => shown(story, LENA, "c|works") && !store.stations.get(story.station).state.booting;
          const until = Date.now() + 20_000;
          while (!ready() && Date.now() < until) await pause(200);
          await pause(600);
          await tap(story, LENA, LENA, "c|works");
        },
      },
      rate,
    ],
  },
  {
    key: "ground",
    title: "A ground fault: nothing is sent",
    stations: ["GRAZ-03"],
    fits: () => true,
    prepare: (id) => toStation(id, { do: "fault", connector: 1, error_code: "GroundFailure" }),
    steps: [
      scanStep("{station} has a ground fault. Scan its sticker as Lena."),
      says("will_not_start", "Tell the bot what is wrong: “Will not start”.", (story) => Boolean(topicOf(story))),
      { ...takeOver, text: "No command goes out: a person is called at once. Take the case over as Anna." },
      {
        text: "Send a technician.",
        pane: "hotline",
        done: (story) => shown(story, TOM, "j|a|"),
        doIt: (story) => tap(story, ANNA, hotline(), "c|tech"),
      },
      {
        text: "Tom sees the job with all that is known, and what not to touch. Let him take it.",
        pane: "technician",
        done: (story) => shown(story, TOM, "j|g|"),
        doIt: (story) => tap(story, TOM, TOM, "j|a|"),
      },
      {
        text: "He sets off, and is there.",
        pane: "technician",
        done: (story) => shown(story, TOM, "j|f|"),
        doIt: async (story) => {
          await tap(story, TOM, TOM, "j|g|");
          await pause(1200);
          await tap(story, TOM, TOM, "j|r|");
        },
      },
      {
        text: "Tom repairs it. His word counts once the station agrees; then Lena is told.",
        pane: "technician",
        done: rating,
        doIt: async (story) => {
          for (const deed of healings(store.stations.get(story.station).state)) await toStation(story.station, deed);
          await pause(1200);
          await tap(story, TOM, TOM, "j|f|");
          await pause(1200);
          await tap(story, TOM, TOM, "j|fc|");
        },
      },
      rate,
    ],
  },
  {
    key: "person",
    title: "Driver asks for a person",
    stations: ["GRAZ-01"],
    fits: () => true,
    prepare: async () => {},
    steps: [
      scanStep("Lena stands before {station}. Scan its sticker."),
      {
        text: "Ask for a person.",
        pane: "driver",
        done: (story) => Boolean(topicOf(story)),
        doIt: (story) => tap(story, LENA, LENA, "p|person"),
      },
      takeOver,
      {
        text: "Write to Lena in the topic.",
        pane: "hotline",
        done: (story) => Boolean(newest(hotline(), story.group, (m) => m.from.id === ANNA && m.text)),
        doIt: (story) =>
          act(ANNA, "text", { chat: hotline(), thread: topicOf(story).message_thread_id, text: "Hello Lena, Anna here. What do you see on the display?" }),
      },
      {
        text: "Answer as Lena; Anna reads it in the topic.",
        pane: "driver",
        done: (story) => Boolean(newest(LENA, story.from[LENA], (m) => m.from.id === LENA && m.text && !m.text.startsWith("/"))),
        doIt: async () => act(LENA, "text", { text: "It says: please wait. Oh, now it has started!" }),
      },
      {
        text: "Close the case with /close.",
        pane: "hotline",
        done: rating,
        doIt: (story) => act(ANNA, "text", { chat: hotline(), thread: topicOf(story).message_thread_id, text: "/close" }),
      },
      rate,
    ],
  },
];

/** A story that begins now; null where no station is left for it. */
export async function begin(scenario, used) {
  const station = scenario.stations.find((id) => scenario.fits(id, used));
  if (!station) return null;
  for (const deed of healings(store.stations.get(station).state)) await toStation(station, deed);
  await clearTheTable();
  await scenario.prepare(station);
  const from = Object.fromEntries([LENA, TOM].map((chat) => [chat, lastNumber(chat)]));
  const [connector] = store.stations.get(station).connectors;
  return { scenario, station, connector, from, group: lastNumber(hotline()), step: 0, rated: false };
}
