// One person's (or one group's) Telegram: header, messages, composer.

import { composer } from "./composer.js";
import { h } from "./dom.js";
import { Log } from "./log.js";
import { act, on, store } from "./store.js";
import { Topics } from "./topics.js";

const COMMANDS = ["/start", "/agent", "/cancel", "/language", "/help"];
const STAFF_COMMANDS = ["/menu", "/stations", "/activate", "/deactivate", "/billing", "/hotline", "/oncall", "/policies", "/answers", "/shift", "/groups", "/people", "/stats", "/audit", "/cancel", "/language", "/help"];
const TOAST_MS = 4000;

export { STAFF_COMMANDS };

export class Panel {
  /** `roles` are who one can be here; `group` is the group's chat id, or null for private chats. */
  constructor({ key, title, roles, group = null, commands = COMMANDS, empty, onScan }) {
    Object.assign(this, { key, title, roles, group, commands, empty });
    this.role = roles[0];
    this.thread = null;
    this.read = new Map();
    this.onUnread = () => {};
    this.log = new Log({ me: () => this.role, onProblem: (text) => this.toast(text, true) });
    this.topics = group && new Topics(this);
    this.composer = composer({
      where: () => ({ who: this.role.id, chat: this.chatId, thread: this.thread }),
      onScan: onScan && (() => onScan(this)),
      onProblem: (text) => this.toast(text, true),
      menuItems: (send) => this.menuItems(send),
      label: `Write in ${title}`,
    });
    this.element = this.build();
    for (const kind of ["message", "edit", "member"]) on(kind, (event) => event.chat === this.chatId && this.refresh(event, kind));
    on("message", (event) => this.mine(event.chat) && this.countUnread());
    on("topic", (event) => event.chat === this.group && this.topicChanged(event.data));
    on("answer", ({ data }) => this.answered(data));
  }

  get chatId() {
    return this.group ?? this.role.id;
  }

  get chat() {
    return store.chats.get(this.chatId);
  }

  mine(chat) {
    return this.group ? chat === this.group : this.roles.some((role) => role.id === chat);
  }

  build() {
    this.personas = h("div.personas", { role: "group", ariaLabel: `Who you are in ${this.title}` });
    this.about = h("div.about");
    this.toasts = h("div.toasts", { ariaLive: "polite" });
    this.intro = h("div.intro", { hidden: true });
    return h(this.group ? "section.panel.wide" : "section.panel", { id: `panel-${this.key}`, ariaLabel: this.title, data: { pane: this.key } },
      h("header.panel-head", {}, h("div.names", {}, h("h2", {}, this.title), this.about), this.personas),
      h("div.panel-body", {},
        this.topics?.element,
        h("div.conversation", {}, this.log.element, this.intro, this.toasts, this.composer.form)),
    );
  }

  /** Shows the newest that was there before one came, as read. */
  begin() {
    if (this.group && this.chat.topics.size) this.thread = this.topics.open()[0]?.message_thread_id ?? null;
    const chats = this.group ? [this.group] : this.roles.map((role) => role.id);
    for (const chat of chats) {
      const known = store.chats.get(chat);
      for (const thread of [undefined, null, ...known.topics.keys()]) {
        this.read.set(`${chat}/${thread ?? 0}`, lastIn(known, this.group ? (thread ?? null) : undefined));
      }
    }
    this.show();
  }

  /** Draws everything anew for who one is and what is chosen. */
  show() {
    this.drawPersonas();
    this.log.show(this.chat, this.group ? this.thread : null);
    this.topics?.draw();
    this.drawStart();
    this.markRead();
  }

  drawPersonas() {
    this.about.textContent = this.group ? "Group with topics" : this.role.about;
    if (this.roles.length === 1) return;
    this.personas.replaceChildren(
      ...this.roles.map((role) =>
        h("button", { type: "button", ariaPressed: String(role === this.role), onclick: () => this.become(role) },
          role.name, h("i.dot", { hidden: this.group || !this.unreadIn(role.id) })),
      ),
    );
  }

  become(role) {
    this.role = role;
    this.show();
  }

  drawStart() {
    const { started, blocked } = this.chat;
    const ready = this.group || (started && !blocked);
    this.composer.input.placeholder = this.group ? `Write as ${this.role.name} …` : "Message";
    const topic = this.group && this.thread ? this.chat.topics.get(this.thread) : null;
    const off = !ready || Boolean(topic?.deleted);
    for (const part of this.composer.form.children) part.inert = off && !part.matches(".scan");
    const quiet = ready && this.chat.messages.size > 0;
    this.intro.hidden = quiet;
    if (quiet) return;
    const starts = h("button.primary", { type: "button", onclick: () => this.start() }, blocked ? "Unblock" : "Start");
    this.intro.replaceChildren(
      h("p", {}, blocked ? `${this.role.name} has blocked the bot.` : this.empty(this.role)),
      ready ? "" : starts,
    );
  }

  async start() {
    try {
      await act(this.role.id, this.chat.blocked ? "unblock" : "start");
      this.show();
    } catch (error) {
      this.toast(error.message, true);
    }
  }

  menuItems(send) {
    if (this.group) {
      const topic = this.thread ? this.chat.topics.get(this.thread) : null;
      return [
        ["/close: resolve this case", () => send("text", { text: "/close" })],
        ["Send a location", () => send("location", { latitude: 47.0707, longitude: 15.4395 })],
        topic && ["Delete this topic by hand", () => this.deleteTopic(), true],
      ].filter(Boolean);
    }
    return [
      ...this.commands.map((command) => [command, () => send("text", { text: command })]),
      ["Send a location", () => send("location", { latitude: 47.0707, longitude: 15.4395 })],
      ["Block the bot", async () => (await send("block", {})) && this.show(), true],
    ];
  }

  async deleteTopic() {
    try {
      await act(store.scene.admin.id, "delete_topic", { chat: this.group, thread: this.thread });
      this.choose(null);
    } catch (error) {
      this.toast(error.message, true);
    }
  }

  /** Opens a topic of the group; null is General. */
  choose(thread) {
    this.thread = thread;
    this.show();
  }

  topicChanged(topic) {
    const isNew = !topic.deleted && !topic.closed && topic.message_thread_id === lastTopic(this.chat);
    if (isNew && this.idle()) this.choose(topic.message_thread_id);
    else if (topic.deleted && topic.message_thread_id === this.thread) this.choose(null);
    else this.topics.draw();
  }

  /** Whether nobody is at work here: nothing is being written, and what is open is settled. */
  idle() {
    if (this.composer.input.value) return false;
    const open = (message) => (message.message_thread_id ?? null) === this.thread && message.reply_markup;
    return this.thread === null || ![...this.chat.messages.values()].some(open);
  }

  refresh(event, kind) {
    if (kind === "member" || !this.intro.hidden) this.drawStart();
    if (this.group) this.topics.draw();
  }

  answered({ press, text, show_alert: alert, as }) {
    if (!press || press.chat !== this.chatId || !text) return;
    if (this.group && !this.roles.some((role) => role.id === as)) return;
    if (alert) this.alert(text);
    else this.toast(text);
  }

  toast(text, problem = false) {
    const shown = h(problem ? "div.toast.problem" : "div.toast", {}, text);
    this.toasts.append(shown);
    setTimeout(() => shown.remove(), TOAST_MS);
  }

  alert(text) {
    const close = h("button.primary", { type: "button", onclick: () => shown.remove() }, "OK");
    const shown = h("div.alert", { role: "alertdialog", ariaLabel: "Answer of the bot" }, h("p", {}, text), close);
    this.toasts.append(shown);
    close.focus();
  }

  /** Whether this panel is what its user looks at. */
  get seen() {
    return this.element.offsetParent !== null && !document.hidden;
  }

  markRead() {
    if (!this.seen) return this.countUnread();
    this.read.set(`${this.chatId}/${this.thread ?? 0}`, lastIn(this.chat, this.group ? this.thread : undefined));
    this.countUnread(false);
  }

  unreadIn(chatId, thread) {
    const seen = this.read.get(`${chatId}/${thread ?? 0}`) ?? 0;
    const chat = store.chats.get(chatId);
    let count = 0;
    for (const message of chat?.messages.values() ?? []) {
      if (message.message_id <= seen || message.from.id === this.role.id) continue;
      if (this.group && (message.message_thread_id ?? null) !== (thread ?? null)) continue;
      if ("new_chat_members" in message) continue;
      count += 1;
    }
    return count;
  }

  countUnread(mark = true) {
    if (mark && this.seen) return this.markRead();
    const open = this.group ? [null, ...this.topics.open().map((topic) => topic.message_thread_id)] : [undefined];
    const chats = this.group ? [this.group] : this.roles.map((role) => role.id);
    const total = chats.flatMap((chat) => open.map((thread) => this.unreadIn(chat, thread))).reduce((a, b) => a + b, 0);
    this.drawPersonas();
    this.topics?.draw();
    this.onUnread(total);
    return total;
  }
}

const lastTopic = (chat) => Math.max(0, ...chat.topics.keys());

function lastIn(chat, thread) {
  let last = 0;
  for (const message of chat.messages.values()) {
    if (thread === undefined || (message.message_thread_id ?? null) === thread) last = Math.max(last, message.message_id);
  }
  return last;
}
