// The sheet of stickers: a click scans the code, another sends a photo of it.

import { base64 } from "./composer.js";
import { byId, h } from "./dom.js";
import { act, store } from "./store.js";

export class Stickers {
  constructor({ onProblem }) {
    this.sheet = byId("stickers");
    this.onProblem = onProblem;
    this.sheet.addEventListener("click", (event) => event.target === this.sheet && this.sheet.close());
  }

  /** Shows the sheet for a driver's panel. */
  open(panel) {
    const who = panel.role;
    const cards = [...store.stations.values()].flatMap((station) =>
      station.connectors.map((connector) => this.card(panel, station, connector)));
    const elsewhere = h("form.typed", {
      onsubmit: async (event) => {
        event.preventDefault();
        const words = new FormData(event.target).get("words").trim();
        if (words) await this.done(panel, () => act(who.id, "text", { text: words }));
      },
    },
      h("label", {}, "Or type an EVSE ID as it is printed: ", h("input", { name: "words", placeholder: "AT*SWG*E0002*1", autocomplete: "off" })),
      h("button", { type: "submit" }, "Send"));
    this.sheet.replaceChildren(
      h("header", {},
        h("div", {}, h("h2", {}, `${who.name} stands before a station`), h("p", {}, "Scan its sticker with the phone’s camera, or send the bot a photo of it.")),
        h("button.quiet.icon", { type: "button", ariaLabel: "Close", onclick: () => this.sheet.close() }, "✕")),
      h("div.sticker-grid", {}, cards),
      elsewhere);
    this.sheet.showModal();
  }

  card(panel, station, connector) {
    return h("article.sticker-card", {},
      h("button.qr", {
        type: "button",
        title: connector.link,
        ariaLabel: `Scan ${connector.evse_id}`,
        onclick: () => this.done(panel, () => scan(panel.role.id, connector)),
      }, h("img", { src: `/sandbox/stickers/${connector.payload}.svg`, alt: "", width: 132, height: 132, loading: "lazy" })),
      h("code", {}, connector.evse_id),
      h("p", {}, station.site.name, h("br"), `${connector.type} · ${connector.power_kw} kW`),
      h("div.buttons", {},
        h("button.primary", { type: "button", onclick: () => this.done(panel, () => scan(panel.role.id, connector)) }, "Scan"),
        h("button", { type: "button", onclick: () => this.done(panel, () => photograph(panel.role.id, connector)) }, "Send a photo")));
  }

  async done(panel, deed) {
    this.sheet.close();
    try {
      await deed();
      panel.show();
    } catch (error) {
      this.onProblem(error.message);
    }
  }
}

/** What a phone's camera does with the code: it opens the bot with the payload. */
export const scan = (who, connector) => act(who, "start", { payload: connector.payload });

/** Sends a photo of the sticker; the bot reads the code out of it. */
export async function photograph(who, connector) {
  const image = await fetch(`/sandbox/stickers/${connector.payload}.jpg`);
  return act(who, "photo", { content: await base64(await image.blob()) });
}
