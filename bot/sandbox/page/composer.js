// Where a person writes, sends a photo, or chooses a command.

import { h, menu } from "./dom.js";
import { act } from "./store.js";

const PHOTOS = ["image/png", "image/jpeg"];

/** `where()` gives {who, chat, thread}; `onScan` is there for those who stand before stations. */
export function composer({ where, onScan, onProblem, menuItems, label }) {
  const send = async (deed, fields) => {
    const { who, chat, thread } = where();
    try {
      await act(who, deed, { chat: chat < 0 ? chat : undefined, thread: thread ?? undefined, ...fields });
      return true;
    } catch (error) {
      onProblem(error.message);
      return false;
    }
  };
  const input = h("textarea.words", {
    rows: 1,
    autocomplete: "off",
    ariaLabel: label,
    enterKeyHint: "send",
    onkeydown: (event) => {
      // As in Telegram: Enter sends, with Shift it begins a new line.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    },
  });
  const file = h("input", {
    type: "file",
    hidden: true,
    onchange: async () => {
      const [picked] = file.files;
      const kind = PHOTOS.includes(picked?.type) ? "photo" : "document";
      if (picked) await send(kind, { content: await base64(picked), name: picked.name });
      file.value = "";
    },
  });
  const form = h("form.composer", {
    onsubmit: async (event) => {
      event.preventDefault();
      const text = input.value.trim();
      if (!text) return;
      input.value = "";
      if (!(await send("text", { text }))) input.value = text;
    },
  },
    menu("Commands and more", "☰", () => menuItems(send)),
    input,
    onScan && h("button.quiet.icon.scan", { type: "button", title: "Scan or photograph a sticker", ariaLabel: "Scan a sticker", onclick: onScan }, scanSign()),
    h("button.quiet.icon", { type: "button", title: "Send a photo or a file from this computer", ariaLabel: "Send a photo or a file", onclick: () => file.click() }, "📎"),
    h("button.primary.icon", { type: "submit", ariaLabel: "Send", title: "Send" }, "➤"),
    file,
  );
  return { form, input, send };
}

function scanSign() {
  const sign = h("span.qr-sign", { ariaHidden: "true" });
  sign.innerHTML =
    '<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2"><path d="M3 8V3h5M16 3h5v5M21 16v5h-5M8 21H3v-5"/><path d="M7 7h4v4H7zM14 7h3M14 11h3M7 14h4M7 17h4M14 14h3v3h-3z"/></svg>';
  return sign;
}

/** The base64 of a file or blob, without the prefix of a data URL. */
export function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",")[1]);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
