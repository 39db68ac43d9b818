// Puts the page together.

import { byId, h } from "./dom.js";
import { Drawer } from "./drawer.js";
import { Guide } from "./guide.js";
import { Letters } from "./letters.js";
import { Panel, STAFF_COMMANDS } from "./panel.js";
import { setUpPassing } from "./passing.js";
import { Stations } from "./stations.js";
import { scan, Stickers } from "./stickers.js";
import { on, open, startOver, store, toBot } from "./store.js";
import { setUpTheme } from "./theme.js";

const PROBLEM_MS = 5000;
const PHASES = {
  starting: "Bot starts …",
  running: "Bot runs",
  killed: "Bot was killed; Telegram keeps what people write",
  ended: "Bot ended by itself; see data/sandbox/bot.log",
  stopped: "Bot is stopped",
};

const panels = [];
const notice = h("div.notice", { role: "alert", hidden: true });
document.body.append(notice);

function problem(text) {
  notice.textContent = text;
  notice.hidden = false;
  clearTimeout(problem.ends);
  problem.ends = setTimeout(() => (notice.hidden = true), PROBLEM_MS);
}

const stickers = new Stickers({ onProblem: problem });
const drawer = new Drawer({ onProblem: problem });
const stations = new Stations(byId("stations"), {
  onScan: (connector) => scanAsDriver(connector),
  onOpen: (id) => drawer.open(id),
  onProblem: problem,
});
const guide = new Guide({ show, onProblem: problem });

async function scanAsDriver(connector) {
  const [driver] = panels;
  show("driver");
  try {
    await scan(driver.role.id, connector);
    driver.show();
  } catch (error) {
    problem(error.message);
  }
}

function build() {
  const { scene } = store;
  byId("operator").textContent = scene.operator;
  panels.push(
    new Panel({
      key: "driver",
      title: "Driver",
      roles: scene.drivers,
      empty: (role) => `${role.name} has never talked to the bot. Scan a sticker, or press Start.`,
      onScan: (panel) => stickers.open(panel),
    }),
    new Panel({ key: "hotline", title: "Hotline", roles: scene.agents, group: scene.hotline, empty: () => "Cases that need a person open a topic here." }),
    new Panel({ key: "technician", title: scene.technician.name, roles: [scene.technician], empty: () => "Jobs come in here when the hotline sends a technician." }),
    new Panel({ key: "admin", title: scene.admin.name, roles: [scene.admin], commands: STAFF_COMMANDS, empty: () => "Ada looks after the operator’s people, groups and stations. /menu opens all of it." }),
  );
  byId("panels").replaceChildren(...panels.map((panel) => panel.element));
  buildTabs();
}

function buildTabs() {
  const tab = (pane, label) => {
    const badge = h("span.badge", { hidden: true });
    const button = h("button", { type: "button", data: { tab: pane }, onclick: () => show(pane) }, label, badge);
    return { button, badge };
  };
  const tabs = [tab("stations", "Stations"), ...panels.map((panel) => tab(panel.key, panel.title))];
  byId("tabs").replaceChildren(...tabs.map((each) => each.button));
  panels.forEach((panel, place) => {
    panel.onUnread = (count) => {
      const { badge } = tabs[place + 1];
      badge.hidden = !count;
      badge.textContent = String(count);
    };
  });
  show("driver");
}

/** Brings a pane to the front where only one is seen. */
function show(pane) {
  document.body.dataset.shown = pane;
  for (const button of byId("tabs").children) button.ariaCurrent = button.dataset.tab === pane ? "page" : "false";
  const panel = panels.find((each) => each.key === pane);
  if (!panel) return;
  panel.log.toBottom();
  panel.markRead();
}

function drawService() {
  const { phase, pid } = store.service;
  const dead = phase === "killed" || phase === "ended" || phase === "stopped";
  const words = dead ? ["Start", " it again"] : ["Kill", " the bot"];
  const ask = async () => {
    try {
      await toBot(dead ? "start" : "kill");
    } catch (error) {
      problem(error.message);
    }
  };
  byId("service").replaceChildren(
    h("i.lamp", { data: { tone: dead ? "bad" : phase === "running" ? "good" : "busy" } }),
    h("span", { title: pid ? `Process ${pid}` : "" }, PHASES[phase] ?? phase),
    h(dead ? "button.primary" : "button", {
      type: "button",
      disabled: phase === "starting",
      title: dead ? "" : "SIGKILL: nothing may be lost",
      onclick: ask,
    }, words[0], h("span.wide-only", {}, words[1])),
  );
}

on("loaded", () => {
  const first = !panels.length;
  if (first) build();
  for (const panel of panels) first ? panel.begin() : panel.show();
  drawService();
});
on("service", drawService);
on("connection", ({ live }) => document.body.classList.toggle("apart", !live));
document.addEventListener("visibilitychange", () => panels.forEach((panel) => panel.countUnread()));
matchMedia("(max-width: 1100px)").addEventListener("change", () => panels.forEach((panel) => panel.countUnread()));
byId("again").addEventListener("click", async () => {
  try {
    await startOver();
    document.body.classList.add("apart");
  } catch (error) {
    problem(error.message);
  }
});
setUpTheme(byId("theme"));
setUpPassing(byId("passing"), { onProblem: problem });
new Letters(byId("letters"), byId("letter-sheet"));
open().catch((error) => problem(error.message));
