// Everything that can be done to one station, and what it says over OCPP.

import { ofConnector, ofStation, towards } from "./condition.js";
import { byId, either, h, precise } from "./dom.js";
import { locationPart, locationWhole } from "./location.js";
import { on, store, toStation } from "./store.js";

const CARDS = "LENA-CARD";
const RESETS = {
  ok: "it comes back well",
  rejects: "it refuses to restart",
  never_comes_back: "it never comes back",
  comes_back_faulted: "it comes back faulted",
};
const CLEARS = { none: "only by hand", soft_reset: "by a restart", hard_reset: "by a hard restart", unlock: "by unlocking" };

export class Drawer {
  constructor({ onProblem }) {
    this.element = byId("drawer");
    this.onProblem = onProblem;
    this.id = null;
    on("station", ({ data }) => data.station_id === this.id && this.refresh());
    on("frame", ({ data }) => data.station_id === this.id && this.addFrame(data));
    // Wherever the keyboard is: the drawer covers what lies behind it. A dialog above it closes by itself.
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.id && !document.querySelector("dialog[open]")) this.close();
    });
  }

  open(id) {
    this.id = id;
    this.opener = document.activeElement;
    const station = store.stations.get(id);
    this.status = h("p.drawer-status");
    const behind = station.protocol === "OCPI";
    const deed = (body) => this.deed(body);
    this.parts = station.connectors.map((connector) => (behind ? locationPart(connector, deed) : this.connector(connector)));
    this.all = behind ? locationWhole(deed) : this.whole();
    this.log = h("ol.frames", { tabIndex: 0, ariaLabel: behind ? "OCPI requests" : "OCPP messages" });
    const close = h("button.quiet.icon", { type: "button", ariaLabel: "Close", title: "Close", onclick: () => this.close() }, "✕");
    this.element.replaceChildren(
      h("header", {}, h("div", {}, h("h2", {}, id), h("p", {}, `${station.protocol} · ${station.site.name}, ${station.site.address}`)), close),
      h("div.drawer-body", {},
        this.status,
        this.scenes(station),
        this.parts.map((part) => part.element),
        this.all.element,
        h("h3", {}, behind ? "OCPI requests" : "OCPP messages"),
        this.log),
    );
    this.element.hidden = false;
    document.body.classList.add("with-drawer");
    this.log.replaceChildren(...[...station.frames].reverse().map((frame) => this.frame(frame, station.frames)));
    this.refresh();
    close.focus();
  }

  close() {
    const within = this.element.contains(document.activeElement);
    this.id = null;
    this.element.hidden = true;
    document.body.classList.remove("with-drawer");
    if (within) this.opener?.focus();
  }

  async deed(body) {
    try {
      await toStation(this.id, body);
    } catch (error) {
      this.onProblem(error.message);
    }
  }

  /** What can befall the station at one click, each with what a newcomer should know. */
  scenes({ id, moods }) {
    if (!moods.length) return null;
    const play = async (mood) => {
      try {
        for (const deed of towards(store.stations.get(id).state, mood)) await toStation(id, deed);
      } catch (error) {
        this.onProblem(error.message);
      }
    };
    return h("fieldset.scenes", {}, h("legend", {}, "Scenes"),
      moods.map((mood) => h("div.scene", {}, h("button", { type: "button", onclick: () => play(mood) }, mood.label), h("p", {}, mood.says))));
  }

  connector(spec) {
    const connector = spec.number;
    const say = h("span.said");
    const lamp = h("i.lamp");
    const act = (label, body) => h("button", { type: "button", onclick: () => this.deed(typeof body === "function" ? body() : body) }, label);
    const buttons = {
      plug: act("Plug in", { do: "plug", connector }),
      unplug: act("Unplug", { do: "unplug", connector }),
      start: act("Start charging", { do: "start_charging", connector, id_tag: CARDS }),
      stop: act("Stop charging", { do: "stop_charging", connector }),
    };
    const code = select("Error code", store.scene.error_codes.map((each) => [each, each]));
    const vendorList = h("datalist", { id: `vendor-${connector}` },
      Object.entries(store.scene.vendor_codes).map(([value, fault]) => h("option", { value }, fault.replaceAll("_", " "))));
    const vendor = h("input", { type: "text", maxLength: 50, placeholder: "e.g. CX024", ariaLabel: "Vendor's code" });
    vendor.setAttribute("list", vendorList.id);
    const clears = select("Goes away", store.scene.clears_on.map((each) => [each, CLEARS[each]]));
    const fault = act("Fault", () => ({
      do: "fault",
      connector,
      error_code: code.value,
      vendor_error_code: vendor.value.trim() || undefined,
      clears_on: clears.value,
    }));
    fault.classList.add("danger");
    const clear = act("Clear the fault", { do: "clear_fault", connector });
    const claim = act("Hide a fault", { do: "claim", connector, status: "Available" });
    const unclaim = act("End the hidden fault", { do: "claim", connector });
    const element = h("fieldset", {},
      h("legend", {}, `Connector ${connector} · ${spec.type} · ${spec.power_kw} kW`),
      h("p.evse", {}, lamp, h("code", {}, spec.evse_id), say),
      h("div.buttons", {}, Object.values(buttons), claim, unclaim),
      h("div.fault-form", {}, labelled("Error code", code), labelled("Vendor’s code", vendor), labelled("Goes away", clears), vendorList,
        h("div.buttons", {}, fault, clear)));
    const refresh = (machine, whole) => {
      const { tone, words } = ofConnector(machine);
      say.textContent = words;
      lamp.dataset.tone = whole?.tone ?? tone;
      either(buttons.unplug, buttons.plug, machine.plugged);
      either(buttons.stop, buttons.start, Boolean(machine.session));
      either(unclaim, claim, Boolean(machine.claimed));
      clear.disabled = !machine.error_code;
    };
    return { element, connector, refresh };
  }

  whole() {
    const act = (label, body) => h("button", { type: "button", onclick: () => this.deed(body) }, label);
    const hang = act("Hang", { do: "hang" });
    const halfHang = act("Hang, but send heartbeats", { do: "hang", heartbeats: true });
    const unhang = act("Come to itself", { do: "unhang" });
    const lose = act("Lose the network", { do: "lose_network" });
    const regain = act("Regain the network", { do: "regain_network" });
    const dark = act("Cut its power", { do: "lose_power" });
    const light = act("Let its power return", { do: "regain_power" });
    const mode = select("After a restart", store.scene.reset_modes.map((each) => [each, RESETS[each]]));
    mode.addEventListener("change", () => this.deed({ do: "fail_resets", mode: mode.value }));
    const element = h("fieldset", {}, h("legend", {}, "The whole station"),
      h("div.buttons", {}, hang, halfHang, unhang, lose, regain, dark, light),
      labelled("After a restart", mode));
    const refresh = (state) => {
      either(unhang, hang, state.hung);
      halfHang.hidden = state.hung;
      either(lose, regain, state.network || state.booting);
      either(dark, light, state.powered);
      for (const button of [hang, halfHang, unhang, lose, regain]) button.disabled = !state.powered;
      lose.disabled ||= state.booting;
      if (document.activeElement !== mode) mode.value = state.reset_mode;
    };
    return { element, refresh };
  }

  refresh() {
    const { state } = store.stations.get(this.id);
    const whole = ofStation(state);
    this.status.textContent = whole ? whole.words : `Connected · ${state.vendor} ${state.model}`;
    this.status.dataset.tone = whole?.tone ?? "good";
    for (const part of this.parts) part.refresh(state.connectors.find((each) => each.connector === part.connector), whole);
    this.all.refresh(state);
  }

  addFrame(frame) {
    this.log.prepend(this.frame(frame, store.stations.get(this.id).frames));
    while (this.log.children.length > 60) this.log.lastElementChild.remove();
  }

  frame({ at, direction, frame }, known) {
    const { name, body, kind } = read(frame, known);
    const arrow = direction === "in" ? "→" : direction === "out" ? "←" : "✕";
    const whose = direction === "in" ? "to the station" : direction === "out" ? "from the station" : "refused";
    return h("li", {},
      h(`details.frame.${kind}.${direction}`, {},
        h("summary", { title: `${name}, ${whose}` }, h("time", {}, precise(at)), h("span.arrow", { ariaLabel: whose }, arrow), h("b", {}, name), h("span.body", {}, short(body))),
        h("pre", {}, JSON.stringify(body, null, 2))));
  }
}

/** [2,id,action,payload], [3,id,payload], [4,id,code,…]; an answer bears the name of its question. */
function read(frame, known) {
  if (!Array.isArray(frame)) return { name: String(frame), body: "", kind: "broken" };
  const [type, id, ...rest] = frame;
  if (type === 2) return { name: rest[0], body: rest[1], kind: "call" };
  const question = known.find((each) => Array.isArray(each.frame) && each.frame[0] === 2 && each.frame[1] === id);
  const name = question?.frame[2] ?? "answer";
  return type === 3 ? { name, body: rest[0], kind: "result" } : { name: `${name}: ${rest[0]}`, body: rest, kind: "broken" };
}

const short = (body) =>
  Object.entries(body ?? {})
    .filter(([key, value]) => typeof value !== "object" && key !== "timestamp")
    .map(([key, value]) => `${key} ${value}`)
    .join(" · ");

function select(label, options) {
  return h("select", { ariaLabel: label }, options.map(([value, text]) => h("option", { value }, text)));
}

const labelled = (text, control) => h("label", {}, h("span", {}, text), control);
