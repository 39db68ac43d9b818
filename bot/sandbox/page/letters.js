// What the bot sends by e-mail: by recipient, as an e-mail program would show it.

import { h, precise } from "./dom.js";
import { bytes } from "./format.js";
import { on, store } from "./store.js";

export class Letters {
  constructor(button, sheet) {
    Object.assign(this, { button, sheet });
    this.badge = button.querySelector(".badge");
    this.read = new Set();
    this.chosen = null;
    this.plain = false;
    button.addEventListener("click", () => this.open());
    sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
    on("loaded", () => this.draw());
    on("mail", () => this.draw());
  }

  open() {
    this.choose(store.mails.at(-1)?.number ?? null);
    this.sheet.showModal();
  }

  choose(number, plain = false) {
    this.chosen = number;
    this.plain = plain;
    this.read.add(number);
    this.draw();
    this.sheet.querySelector(".letter[aria-current]")?.focus();
  }

  draw() {
    const unread = store.mails.filter((mail) => !this.read.has(mail.number)).length;
    this.badge.hidden = !unread;
    this.badge.textContent = String(unread);
    const close = h("button.quiet.icon", { type: "button", ariaLabel: "Close", onclick: () => this.sheet.close() }, "✕");
    const mail = store.mails.find((each) => each.number === this.chosen);
    this.sheet.replaceChildren(
      h("header", {}, h("div", {}, h("h2", {}, "E-mail"), h("p", {}, "Whatever the bot sends by e-mail ends here and goes no further.")), close),
      store.mails.length
        ? h("div.letter-body", {}, this.list(), mail ? this.letter(mail) : h("p.letter-none", {}, "Choose an e-mail."))
        : h("p.letter-none", {}, "No e-mail yet. A technician gets one with every job."));
  }

  list() {
    const recipients = [...new Set(store.mails.map((mail) => mail.recipient))].sort();
    return h("nav.letter-list", { ariaLabel: "E-mails by recipient" },
      recipients.map((recipient) => [
        h("h3", {}, recipient),
        ...store.mails.filter((mail) => mail.recipient === recipient).reverse().map((mail) => this.entry(mail)),
      ]).flat());
  }

  entry(mail) {
    return h(this.read.has(mail.number) ? "button.letter" : "button.letter.unread", {
      type: "button",
      ariaCurrent: mail.number === this.chosen ? "true" : null,
      onclick: () => this.choose(mail.number),
    }, h("b", {}, mail.subject), h("small", {}, precise(mail.at), mail.attachments.length ? " · 📎" : ""));
  }

  letter(mail) {
    const base = `/sandbox/mail/${mail.number}`;
    const formatted = mail.html && !this.plain;
    const other = mail.html && h("button.link", { type: "button", onclick: () => this.choose(mail.number, formatted) }, formatted ? "Show the plain text" : "Show it formatted");
    return h("article.letter-open", { ariaLabel: mail.subject },
      h("h3", {}, mail.subject),
      h("p.letter-who", {}, `${mail.sender} → ${mail.recipient} · ${precise(mail.at)} `, other),
      mail.attachments.length > 0 && h("ul.letter-files", {}, mail.attachments.map((file, place) =>
        h("li", {}, h("a.attachment", { href: `${base}/files/${place}`, download: file.name }, `📎 ${file.name}`), h("small", {}, bytes(file.size))))),
      formatted
        // What somebody else wrote has no power but that its links open in a window of their own.
        ? h("iframe", { sandbox: "allow-popups allow-popups-to-escape-sandbox", src: `${base}/html`, title: mail.subject, referrerPolicy: "no-referrer" })
        : h("pre.letter-text", { tabIndex: 0 }, mail.text));
  }
}
