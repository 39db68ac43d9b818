// Everything that can be done to one station, and what it says over OCPP.

import { ofConnector, ofStation } from "./condition.js";
import { byId, h, precise } from "./dom.js";
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
    this.element.addEventListener("keydown", (event) => event.key === "Escape" && this.close());
  }

  open(id) {
    this.id = id;
    this.opener = document.activeElement;
    const station = store.stations.get(id);
    this.status = h("p.drawer-status");
    this.parts = station.connectors.map((connector) => this.connector(connector));
    this.log = h("ol.frames", { tabIndex: 0, ariaLabel: "OCPP messages" });
    const close = h("button.quiet.icon", { type: "button", ariaLabel: "Close", title: "Close", onclick: () => this.close() }, "✕");
    this.element.replaceChildren(
      h("header", {}, h("div", {}, h("h2", {}, id), h("p", {}, `${station.site.name}, ${station.site.address}`)), close),
      h("div.drawer-body", {},
        this.status,
        this.parts.map((part) => part.element),
        this.whole(),
        h("h3", {}, "OCPP messages"),
        this.log),
    );
    this.element.hidden = false;
    document.body.classList.add("with-drawer");
    this.log.replaceChildren(...[...station.frames].reverse().map((frame) => this.frame(frame, station.frames)));
    this.refresh();
    close.focus();
  }

  close() {
    this.id = null;
    this.element.hidden = true;
    document.body.classList.remove("with-drawer");
    this.opener?.focus();
  }

  async deed(body) {
    try {
      await toStation(this.id, body);
    } catch (error) {
      this.onProblem(error.message);
    }
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
    return { element, connector, say, lamp, buttons, clear, claim, unclaim };
  }

  whole() {
    const act = (label, body) => h("button", { type: "button", onclick: () => this.deed(body) }, label);
    this.hang = act("Hang", { do: "hang" });
    this.halfHang = act("Hang, but send heartbeats", { do: "hang", heartbeats: true });
    this.unhang = act("Come to itself", { do: "unhang" });
    this.lose = act("Lose the network", { do: "lose_network" });
    this.regain = act("Regain the network", { do: "regain_network" });
    this.mode = select("After a restart", store.scene.reset_modes.map((each) => [each, RESETS[each]]));
    this.mode.addEventListener("change", () => this.deed({ do: "fail_resets", mode: this.mode.value }));
    return h("fieldset", {}, h("legend", {}, "The whole station"),
      h("div.buttons", {}, this.hang, this.halfHang, this.unhang, this.lose, this.regain),
      labelled("After a restart", this.mode));
  }

  refresh() {
    const { state } = store.stations.get(this.id);
    const whole = ofStation(state);
    this.status.textContent = whole ? whole.words : `Connected · ${state.vendor} ${state.model}`;
    this.status.dataset.tone = whole?.tone ?? "good";
    for (const part of this.parts) {
      const machine = state.connectors.find((each) => each.connector === part.connector);
      const { tone, words } = ofConnector(machine);
      part.say.textContent = words;
      part.lamp.dataset.tone = whole?.tone ?? tone;
      either(part.buttons.unplug, part.buttons.plug, machine.plugged);
      either(part.buttons.stop, part.buttons.start, Boolean(machine.session));
      either(part.unclaim, part.claim, Boolean(machine.claimed));
      part.clear.disabled = !machine.error_code;
    }
    either(this.unhang, this.hang, state.hung);
    this.halfHang.hidden = state.hung;
    either(this.lose, this.regain, state.network || state.booting);
    this.lose.disabled = state.booting;
    if (document.activeElement !== this.mode) this.mode.value = state.reset_mode;
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

/** Shows one of two buttons; the keyboard's focus moves along. */
function either(first, second, isFirst) {
  const [shown, gone] = isFirst ? [first, second] : [second, first];
  const focused = document.activeElement === gone;
  shown.hidden = false;
  gone.hidden = true;
  if (focused) shown.focus();
}

function select(label, options) {
  return h("select", { ariaLabel: label }, options.map(([value, text]) => h("option", { value }, text)));
}

const labelled = (text, control) => h("label", {}, h("span", {}, text), control);
