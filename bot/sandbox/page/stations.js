// The charging stations by site, drawn as they stand.

import { endings, healings, isIll, ofConnector, ofStation } from "./condition.js";
import { h, svg } from "./dom.js";
import { on, store, toSite, toStation } from "./store.js";

const SITES_WITH_POWER = 3;

/** `onScan(connector)` scans a sticker, `onOpen(id)` shows a station's controls. */
export class Stations {
  constructor(element, { onScan, onOpen, onProblem }) {
    Object.assign(this, { element, onScan, onOpen, onProblem });
    this.cards = new Map();
    on("loaded", () => this.drawAll());
    on("station", ({ data }) => this.draw(data.station_id));
  }

  drawAll() {
    const sites = new Map();
    for (const station of store.stations.values()) {
      if (!sites.has(station.site.id)) sites.set(station.site.id, []);
      sites.get(station.site.id).push(station);
    }
    this.powers = new Map();
    this.cards = new Map();
    this.element.replaceChildren(...[...sites.values()].map((stations) => this.site(stations)));
    for (const id of this.cards.keys()) this.draw(id);
  }

  /** A location: a card for each station to which something of its own can befall, one list of the others. */
  site(stations) {
    const [{ site }] = stations;
    const cards = stations.filter((each) => each.moods.length).map((each) => this.keep(each, this.card(each)));
    const others = stations.filter((each) => !each.moods.length).map((each) => this.keep(each, this.line(each)));
    const list = others.length ? h("article.others", { ariaLabel: `More stations at ${site.name}` }, others) : null;
    const power = stations.length >= SITES_WITH_POWER ? this.power(site, stations) : null;
    const units = cards.length + (others.length ? 1.5 : 0);
    return h("section.site", { ariaLabel: site.name, style: `--units:${units}`, data: { site: site.id } },
      h("header.site-head", {}, h("h3", { title: `${site.name}, ${site.address}, ${site.postal_code} Graz` }, site.name), power),
      h("div.site-stations", {}, cards, list));
  }

  keep(station, card) {
    this.cards.set(station.id, card);
    return card.element;
  }

  /** The button that takes all stations of a site at once, or gives them back. */
  power(site, stations) {
    const turn = async () => {
      try {
        await toSite(site.id, button.dataset.act);
      } catch (error) {
        this.onProblem(error.message);
      }
    };
    const button = h("button.power", { type: "button", title: store.scene.dark, onclick: turn });
    for (const { id } of stations) this.powers.set(id, { button, stations });
    return button;
  }

  drawPower(id) {
    const found = this.powers.get(id);
    if (!found) return;
    const dark = found.stations.some((each) => store.stations.get(each.id).state.powered === false);
    found.button.dataset.act = dark ? "return" : "cut";
    found.button.textContent = dark ? "⚡ Power returns" : "⚡ Cut the power";
    found.button.ariaLabel = dark ? "Power returns" : "Cut the power of the site";
  }

  /** A station in one line. */
  line(station) {
    const [connector] = station.connectors;
    const lamp = h("i.lamp");
    const words = h("span.words");
    const element = h("div.connector", { data: { station: station.id } },
      lamp,
      h("span.line-name", { title: connector.evse_id }, station.id),
      words,
      this.scanner(connector),
      this.opener(station));
    return { element, rows: [{ element, lamp, words, number: connector.number }] };
  }

  opener(station) {
    return h("button.quiet.icon.more", { type: "button", title: "Scenes, controls and messages", ariaLabel: `Controls of ${station.id}`, onclick: () => this.onOpen(station.id) }, "⋯");
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
          h("h4", {}, station.id),
          h("p", {}, built(station.connectors).map((line) => h("span", {}, line)))),
        this.opener(station)),
      h("div.rows", {}, whole, rows.map((row) => row.element), !station.service_active && h("p.no-service", {}, "Service not active")),
      h("footer", {}, mood));
    return { element, rows, whole, mood, picture };
  }

  row(station, connector) {
    const lamp = h("i.lamp");
    const words = h("span.words");
    const element = h("div.connector", {},
      lamp,
      h("span.kind", { title: `${connector.evse_id} · ${connector.type}` }, String(connector.number)),
      words,
      this.scanner(connector));
    return { element, lamp, words, number: connector.number };
  }

  scanner(connector) {
    return h("button.quiet.icon.scan-one", {
      type: "button",
      title: `Scan the sticker ${connector.evse_id}`,
      ariaLabel: `Scan the sticker ${connector.evse_id}`,
      onclick: () => this.onScan(connector),
    }, qrSign());
  }

  draw(id) {
    const { state, moods } = store.stations.get(id);
    const card = this.cards.get(id);
    if (!card || !state) return;
    this.drawPower(id);
    const whole = ofStation(state);
    const tones = state.connectors.map((connector) => {
      const { tone, words } = ofConnector(connector);
      const row = card.rows.find((each) => each.number === connector.connector);
      row.lamp.dataset.tone = whole ? whole.tone : tone;
      say(row.words, words);
      row.element.classList.toggle("dim", Boolean(whole));
      return tone;
    });
    if (card.mood) this.drawCard(card, state, whole, tones, moods[0]);
    else if (whole) say(card.rows[0].words, whole.words);
  }

  drawCard(card, state, whole, tones, mood) {
    card.whole.hidden = !whole;
    say(card.whole, whole?.words ?? "");
    card.element.dataset.tone = whole?.tone ?? gravest(tones);
    paint(card.picture, card.element.dataset.tone, state);
    const ill = isIll(state);
    const charging = state.connectors.some((each) => each.session);
    card.mood.textContent = ill ? "Make it well" : charging ? "End charging" : mood.label;
    card.mood.title = ill || charging ? "" : mood.says;
    card.mood.dataset.act = ill ? "heal" : charging ? "stop" : "mood";
  }

  async mood(id) {
    const { state, moods } = store.stations.get(id);
    const session = state.connectors.find((each) => each.session);
    const deeds = isIll(state)
      ? healings(state)
      : session
        ? endings(session)
        : moods[0].deeds;
    try {
      for (const deed of deeds) await toStation(id, deed);
    } catch (error) {
      this.onProblem(error.message);
    }
  }
}

/** Two short lines: the type and its power, or both types. */
function built(connectors) {
  const types = [...new Set(connectors.map((each) => each.type))];
  return types.length > 1 ? types : [types[0], `${connectors[0].power_kw} kW`];
}

/** Words that may break within: InternalError is one word to OCPP only. */
function say(element, words) {
  const parts = words.split(/(?<=[a-z])(?=[A-Z])/);
  element.replaceChildren(...parts.flatMap((part, place) => (place ? [h("wbr"), part] : [part])));
  element.title = words;
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
