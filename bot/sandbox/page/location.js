// What can be done to a location behind a back end: statuses without reasons, and a back end that falls silent.

import { ofConnector } from "./condition.js";
import { either, h } from "./dom.js";

const CARD = "LENA-CARD";

/** One EVSE: {element, connector, refresh(machine, whole)}. */
export function locationPart(spec, deed) {
  const connector = spec.number;
  const act = (label, body) => h("button", { type: "button", onclick: () => deed(body) }, label);
  const say = h("span.said");
  const lamp = h("i.lamp");
  const start = act("Start charging", { do: "start_charging", connector, id_tag: CARD });
  const stop = act("Stop charging", { do: "stop_charging", connector });
  const well = act("Available", { do: "set_evse", connector, status: "AVAILABLE" });
  const ill = act("Out of order", { do: "set_evse", connector, status: "OUTOFORDER" });
  ill.classList.add("danger");
  const element = h("fieldset", {},
    h("legend", {}, `EVSE ${connector} · ${spec.type} · ${spec.power_kw} kW`),
    h("p.evse", {}, lamp, h("code", {}, spec.evse_id), say),
    h("div.buttons", {}, start, stop, well, ill));
  const refresh = (machine, whole) => {
    const { tone, words } = ofConnector(machine);
    say.textContent = words;
    lamp.dataset.tone = whole?.tone ?? tone;
    either(stop, start, Boolean(machine.session));
    start.disabled = machine.evse_status !== "AVAILABLE";
    either(well, ill, machine.evse_status === "OUTOFORDER");
  };
  return { element, connector, refresh };
}

/** The back end: {element, refresh(state)}. */
export function locationWhole(deed) {
  const act = (label, body) => h("button", { type: "button", onclick: () => deed(body) }, label);
  const hang = act("Do not answer any more", { do: "hang" });
  const unhang = act("Answer again", { do: "unhang" });
  const element = h("fieldset", {}, h("legend", {}, "The back end"), h("div.buttons", {}, hang, unhang));
  return { element, refresh: (state) => either(unhang, hang, state.hung) };
}
