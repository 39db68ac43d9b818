// The row of charging stations, drawn as they stand.

import { endings, healings, isIll, ofConnector, ofStation } from "./condition.js";
import { h, svg } from "./dom.js";
import { on, store, toStation } from "./store.js";

/** `onScan(connector)` scans a sticker, `onOpen(id)` shows a station's controls. */
export class Stations {
  constructor(element, { onScan, onOpen, onProblem }) {
    Object.assign(this, { element, onScan, onOpen, onProblem });
    this.cards = new Map();
    on("loaded", () => this.drawAll());
    on("station", ({ data }) => this.draw(data.station_id));
  }

  drawAll() {
    this.cards = new Map([...store.stations.values()].map((station) => [station.id, this.card(station)]));
    this.element.replaceChildren(...[...this.cards.values()].map((card) => card.element));
    for (const id of this.cards.keys()) this.draw(id);
  }

  card(station) {
    const picture = drawing(station);
    const rows = station.connectors.map((connector) => this.row(station, connector));
    const whole = h("div.whole", { hidden: true });
    const mood = h("button.mood", { type: "button", onclick: () => this.mood(station.id) });
    const element = h("article.station", { data: { station: station.id }, ariaLabel: `Station ${station.id}` },
      h("header", {},
        h("div.portrait", {}, picture, h("small", { title: "How it is connected" }, station.protocol)),
        h("div.station-names", {},
          h("h3", {}, station.id),
          h("p", { title: `${station.site.address}, ${station.site.postal_code} Graz` }, station.site.name)),
        h("button.quiet.icon.more", { type: "button", title: "Controls and OCPP messages", ariaLabel: `Controls of ${station.id}`, onclick: () => this.onOpen(station.id) }, "⋯")),
      h("div.rows", {}, whole, rows.map((row) => row.element), !station.service_active && h("p.no-service", {}, "Service not active")),
      h("footer", {}, mood));
    return { element, rows, whole, mood, picture };
  }

  row(station, connector) {
    const lamp = h("i.lamp");
    const words = h("span.words");
    const element = h("div.connector", {},
      lamp,
      h("span.kind", { title: connector.evse_id }, String(connector.number), h("span", {}, ` ${connector.type}`)),
      words,
      h("button.quiet.icon.scan-one", {
        type: "button",
        title: `Scan the sticker ${connector.evse_id}`,
        ariaLabel: `Scan the sticker ${connector.evse_id}`,
        onclick: () => this.onScan(connector),
      }, qrSign()));
    return { element, lamp, words, number: connector.number };
  }

  draw(id) {
    const { state, mood } = store.stations.get(id);
    const card = this.cards.get(id);
    if (!card || !state) return;
    const whole = ofStation(state);
    card.whole.hidden = !whole;
    card.whole.textContent = whole?.words ?? "";
    const tones = state.connectors.map((connector) => {
      const { tone, words } = ofConnector(connector);
      const row = card.rows.find((each) => each.number === connector.connector);
      row.lamp.dataset.tone = whole ? whole.tone : tone;
      row.words.textContent = words;
      row.words.title = words;
      row.element.classList.toggle("dim", Boolean(whole));
      row.element.classList.toggle("wordy", words.length > 11);
      return tone;
    });
    card.element.dataset.tone = whole?.tone ?? gravest(tones);
    paint(card.picture, card.element.dataset.tone, state);
    const ill = isIll(state);
    const charging = state.connectors.some((each) => each.session);
    card.mood.textContent = ill ? "Make it well" : charging ? "End charging" : mood.label;
    card.mood.title = ill || charging ? "" : mood.says;
    card.mood.dataset.act = ill ? "heal" : charging ? "stop" : "mood";
  }

  async mood(id) {
    const { state, mood } = store.stations.get(id);
    const session = state.connectors.find((each) => each.session);
    const deeds = isIll(state)
      ? healings(state)
      : session
        ? endings(session)
        : [mood.deed];
    try {
      for (const deed of deeds) await toStation(id, deed);
    } catch (error) {
      this.onProblem(error.message);
    }
  }
}

const GRAVITY = ["bad", "hidden", "power", "busy", "good", "off"];
const gravest = (tones) => GRAVITY.find((tone) => tones.includes(tone)) ?? "good";

function drawing(station) {
  const cables = station.connectors.map((connector, place) => cable(connector.number, place)).join("");
  return svg(`
    <svg class="drawing" viewBox="0 0 74 66" width="74" height="66" aria-hidden="true">
      <path class="ground" d="M2 63.5h70"/>
      <rect class="post" x="9" y="6" width="27" height="57" rx="5"/>
      <rect class="light" x="13" y="2.5" width="19" height="4" rx="2"/>
      <rect class="screen" x="14" y="12" width="17" height="14" rx="2.5"/>
      <path class="bolt" d="M23.5 13.5 18.6 20h3l-1 5 5.3-6.7h-3.1z"/>
      <path class="cross" d="m19 15.5 7 7m0-7-7 7"/>
      <g class="car"><path class="body" d="M43 63v-9l4-9q1-2 3-2h12q2 0 3 2l4 9v9q0 1-1 1H44q-1 0-1-1z"/><path class="glass" d="m47 53 2.6-6h12.8l2.6 6z"/><circle class="eye" cx="47.5" cy="58" r="1.7"/><circle class="eye" cx="64.5" cy="58" r="1.7"/></g>
      ${cables}
    </svg>`);
}

function cable(number, place) {
  const y = 33 + place * 9;
  const rest = `M36 ${y}q5 3 1 9t-3 ${12 - place * 4}`;
  const plugged = `M36 ${y}q7 2 7 ${12 - place * 4}t3 9`;
  return `<g class="cable" data-number="${number}"><path class="hanging" d="${rest}"/><path class="in" d="${plugged}"/></g>`;
}

function paint(picture, tone, state) {
  picture.dataset.tone = tone;
  picture.classList.toggle("plugged", state.connectors.some((each) => each.plugged));
  picture.classList.toggle("flowing", state.connectors.some((each) => each.power_w > 0));
  for (const each of state.connectors) {
    picture.querySelector(`[data-number="${each.connector}"]`).classList.toggle("plugged", each.plugged);
  }
}

function qrSign() {
  return svg('<svg viewBox="0 0 24 24" width="16" height="16" fill="currentColor" aria-hidden="true"><path d="M3 3h8v8H3zm2 2v4h4V5zm8-2h8v8h-8zm2 2v4h4V5zM3 13h8v8H3zm2 2v4h4v-4zm8-2h3v3h-3zm5 0h3v3h-3zm-5 5h3v3h-3zm5 0h3v3h-3z"/></svg>');
}
