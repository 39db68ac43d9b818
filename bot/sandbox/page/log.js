// The messages of one chat or topic, kept in step with the store.

import { h, hour } from "./dom.js";
import { author, formatted, media, note } from "./format.js";
import { on, press, store, tap } from "./store.js";

const NEAR_BOTTOM = 60;
const TYPING_MS = 5000;

export class Log {
  /** `me()` is the person who looks; `onProblem(text)` shows what Telegram refused. */
  constructor({ me, onProblem }) {
    this.me = me;
    this.onProblem = onProblem;
    this.chat = null;
    this.thread = null;
    this.shown = new Map();
    this.list = h("ol.messages");
    this.typing = h("div.typing", { hidden: true, ariaHidden: "true" }, h("i"), h("i"), h("i"));
    this.element = h("div.log", { tabIndex: 0, role: "log", ariaLabel: "Messages" }, this.list, this.typing);
    // Whoever reads the end keeps seeing it, whatever grows: a message, a photo that has just loaded, the window.
    this.following = true;
    this.element.addEventListener("scroll", () => (this.following = this.nearBottom()), { passive: true });
    const grown = new ResizeObserver(() => this.following && this.toBottom());
    grown.observe(this.list);
    grown.observe(this.element);
    for (const kind of ["message", "edit", "reaction"]) on(kind, (event) => this.changed(event, kind));
    on("delete", ({ chat, data }) => this.chat?.id === chat && this.removed(data.message_id));
    on("typing", (event) => this.typed(event));
    on("press", ({ chat, data }) => this.chat?.id === chat && this.redraw(data.message_id));
    on("answer", ({ data }) => data.press && this.chat?.id === data.press.chat && this.redraw(data.press.message));
  }

  /** Shows a chat, and one topic of it where `thread` is given (null: General). */
  show(chat, thread) {
    this.chat = chat;
    this.thread = thread;
    this.shown.clear();
    this.typing.hidden = true;
    const messages = [...chat.messages.values()].filter((message) => this.belongs(message));
    this.list.replaceChildren(...messages.map((message) => this.element_of(message)));
    this.toBottom();
  }

  belongs(message) {
    return (message.message_thread_id ?? null) === (this.thread ?? null);
  }

  changed({ chat, data }, kind) {
    if (this.chat?.id !== chat || !this.belongs(data)) return;
    const old = this.shown.get(data.message_id);
    const fresh = this.element_of(data);
    if (old) old.replaceWith(fresh);
    else this.list.append(fresh);
    if (kind !== "reaction") fresh.classList.add(old ? "changed" : "fresh");
    if (this.following || data.from.id === this.me().id) this.toBottom();
    if (data.from.id !== this.me().id) this.typing.hidden = true;
  }

  redraw(number) {
    const message = this.chat.messages.get(number);
    const old = this.shown.get(number);
    if (message && old) old.replaceWith(this.element_of(message));
  }

  removed(number) {
    this.shown.get(number)?.remove();
    this.shown.delete(number);
  }

  typed({ chat, data }) {
    if (this.chat?.id !== chat || (data.message_thread_id ?? null) !== (this.thread ?? null)) return;
    this.typing.hidden = false;
    if (this.following) this.toBottom();
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => (this.typing.hidden = true), TYPING_MS);
  }

  nearBottom() {
    const box = this.element;
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_BOTTOM;
  }

  toBottom() {
    this.following = true;
    this.element.scrollTop = this.element.scrollHeight;
  }

  element_of(message) {
    const words = note(message);
    const element = words ? h("li.note", {}, words) : this.bubble(message);
    element.dataset.message = message.message_id;
    this.shown.set(message.message_id, element);
    return element;
  }

  bubble(message) {
    const mine = message.from.id === this.me().id;
    const group = this.chat.type !== "private";
    const picture = media(message);
    const text = message.text ?? message.caption;
    const stamp = `${message.edit_date ? "edited " : ""}${hour(message.edit_date ?? message.date)}`;
    return h(mine ? "li.message.mine" : "li.message", {},
      h("div.bubble", {},
        group && !mine && h("div.author", { data: { who: message.from.id % 5 } }, author(message)),
        picture,
        text && h("div.text", {}, formatted(text, message.entities ?? message.caption_entities)),
        h("div.stamp", {}, this.reactions(message), h("time", {}, stamp)),
      ),
      this.keyboard(message),
    );
  }

  reactions(message) {
    const shown = (message.reactions ?? []).flatMap((each) => each.emoji).join("");
    return shown && h("span.reactions", {}, shown);
  }

  keyboard(message) {
    const rows = message.reply_markup?.inline_keyboard;
    if (!rows?.length) return this.instead(message.keyboard?.keyboard);
    return h("div.keyboard", {}, rows.map((row) => h("div.row", {}, row.map((button) => this.key(message, button)))));
  }

  /** Buttons in place of the keys are drawn under the message that brought them. */
  instead(rows) {
    if (!rows?.length) return null;
    const key = (button) =>
      h("button.key", {
        type: "button",
        onclick: () => tap(this.me().id, button.text).catch((error) => this.onProblem(error.message)),
      }, button.text);
    return h("div.keyboard", {}, rows.map((row) => h("div.row", {}, row.map(key))));
  }

  key(message, button) {
    if (button.url) return h("a.key", { href: button.url, target: "_blank", rel: "noreferrer" }, `${button.text} ↗`);
    const waits = [...store.presses.values()].some(
      (each) => each.chat === this.chat.id && each.message === message.message_id && each.data === button.callback_data,
    );
    const element = h(waits ? "button.key.waiting" : "button.key", {
      type: "button",
      onclick: async () => {
        element.classList.add("waiting");
        try {
          await press(this.me().id, this.chat.id, message.message_id, button.callback_data);
        } catch (error) {
          element.classList.remove("waiting");
          this.onProblem(error.message);
        }
      },
    }, button.text);
    element.dataset.does = button.callback_data;
    return element;
  }
}
