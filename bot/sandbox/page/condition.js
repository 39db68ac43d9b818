// What a station's state means, in words and colours.

const TONES = {
  Available: "good",
  Preparing: "busy",
  Charging: "power",
  SuspendedEV: "busy",
  SuspendedEVSE: "busy",
  Finishing: "busy",
  Reserved: "busy",
  Unavailable: "off",
  Faulted: "bad",
};

const WORDS = {
  Preparing: "Plugged in",
  SuspendedEV: "Paused by the car",
  SuspendedEVSE: "Paused by the station",
  Finishing: "Ended, plugged in",
};

/** What OCPI says; it never says why. */
const EVSE_WORDS = {
  AVAILABLE: "Available",
  BLOCKED: "Blocked",
  CHARGING: "Charging",
  INOPERATIVE: "Inoperative",
  OUTOFORDER: "Out of order",
  RESERVED: "Reserved",
};
const EVSE_ILL = ["OUTOFORDER", "INOPERATIVE"];

/** A connector: {tone, words}. A hidden fault is shown to us, although the station does not tell it. */
export function ofConnector(connector) {
  if (connector.claimed) return { tone: "hidden", words: "Hidden fault" };
  const code = [connector.error_code, connector.vendor_error_code].filter(Boolean).join(" · ");
  if (connector.evse_status) return { tone: TONES[connector.status], words: EVSE_WORDS[connector.evse_status] ?? connector.evse_status };
  if (code) return { tone: TONES[connector.status], words: code };
  if (connector.status === "Charging") return { tone: "power", words: `${round(connector.power_w)}\u00a0kW ${Math.round(connector.soc_percent)}\u00a0%` };
  return { tone: TONES[connector.status], words: WORDS[connector.status] ?? connector.status };
}

const round = (watts) => (watts / 1000).toFixed(watts % 1000 ? 1 : 0);

/** The station as a whole: {tone, words}, or null where its connectors say it all. */
export function ofStation(state) {
  if (state.powered === false) return { tone: "off", words: "No power" };
  if (state.dead) return { tone: "off", words: "Did not come back" };
  if (state.booting) return { tone: "busy", words: "Restarting …" };
  if (!state.network) return { tone: "off", words: "Offline" };
  if (!state.connected) return { tone: "off", words: "Waits for the bot" };
  if (state.hung) return { tone: "hung", words: "Does not answer" };
  return null;
}

/** Whether anything is wrong with it that `healings` could put right. */
export const isIll = (state) =>
  state.powered === false ||
  state.hung || state.dead || (!state.network && !state.booting) || state.connectors.some((each) => each.error_code || each.claimed || each.forced || EVSE_ILL.includes(each.evse_status));

/** What puts everything right again. */
export function healings(state) {
  const deeds = [];
  if (state.reset_mode && state.reset_mode !== "ok") deeds.push({ do: "fail_resets", mode: "ok" });
  for (const { connector, error_code: code, claimed, forced, evse_status: evse } of state.connectors) {
    if (EVSE_ILL.includes(evse)) deeds.push({ do: "set_evse", connector, status: "AVAILABLE" });
    if (code) deeds.push({ do: "clear_fault", connector });
    if (claimed) deeds.push({ do: "claim", connector });
    if (forced) deeds.push({ do: "set_status", connector });
  }
  if (state.hung) deeds.push({ do: "unhang" });
  if (state.powered === false) deeds.push({ do: "regain_power" });
  else if (state.dead || (!state.network && !state.booting)) deeds.push({ do: "regain_network" });
  return deeds;
}

/** What ends the session on a connector; a back end cannot pull a cable. */
export const endings = ({ connector, evse_status: evse }) =>
  evse ? [{ do: "stop_charging", connector }] : [{ do: "stop_charging", connector }, { do: "unplug", connector }];

/** What leads from how a station stands to a scene: all is well first, and nobody charges. */
export const towards = (state, mood) => [
  ...healings(state),
  ...state.connectors.filter((each) => each.session).flatMap(endings),
  ...mood.deeds,
];
