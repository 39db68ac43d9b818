// The list of topics in the hotline's group.

import { h } from "./dom.js";
import { summary } from "./format.js";

export class Topics {
  constructor(panel) {
    this.panel = panel;
    this.list = h("ul.topic-list");
    this.element = h("nav.topics", { ariaLabel: "Topics" }, this.list);
  }

  /** Topics that are not deleted, the newest first. */
  open() {
    return [...(this.panel.chat?.topics.values() ?? [])]
      .filter((topic) => !topic.deleted)
      .sort((a, b) => b.message_thread_id - a.message_thread_id);
  }

  draw() {
    const rows = [...this.open().map((topic) => this.row(topic)), this.row(null)];
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.thread : null;
    this.list.replaceChildren(...rows);
    if (focused !== null) this.list.querySelector(`[data-thread="${focused}"]`)?.focus();
  }

  row(topic) {
    const thread = topic?.message_thread_id ?? null;
    const unread = this.panel.thread === thread && this.panel.seen ? 0 : this.panel.unreadIn(this.panel.group, thread);
    const classes = topic?.closed ? "button.topic.closed" : "button.topic";
    return h("li", {},
      h(classes, {
        type: "button",
        ariaCurrent: this.panel.thread === thread ? "true" : null,
        onclick: () => this.panel.choose(thread),
        data: { thread: thread ?? 0 },
        title: topic?.name ?? "General",
      },
        h("span.topic-sign", { style: topic ? `--sign:#${topic.icon_color.toString(16).padStart(6, "0")}` : "" },
          topic ? topic.name.match(/#\d+/)?.[0].slice(1) ?? "•" : "#"),
        h("span.topic-name", {}, topic?.name.replace(/^(\S+ )?#\d+ /, "$1") ?? "General"),
        h("span.topic-last", {}, this.last(thread)),
        unread ? h("span.badge", { ariaLabel: `${unread} unread` }, String(unread)) : topic?.closed ? h("span.lock", {}, "🔒") : null,
      ));
  }

  last(thread) {
    const messages = [...this.panel.chat.messages.values()];
    const message = messages.findLast((each) => (each.message_thread_id ?? null) === thread);
    return message ? summary(message) : "";
  }
}
