// Telegram's messages as elements: text with entities, media, service notes.

import { h } from "./dom.js";
import { store } from "./store.js";

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  spoiler: "span",
};
const LINKED = new Set(["url", "text_link", "email", "phone_number"]);
const COLOURED = new Set(["bot_command", "mention", "hashtag"]);

/** Text with its entities. Offsets count UTF-16 units, as JavaScript does. */
export function formatted(text, entities = []) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return between(text, sorted, 0, text.length);
}

function between(text, entities, from, to) {
  const parts = [];
  let at = from;
  let rest = entities;
  while (rest.length) {
    const [first, ...others] = rest;
    const end = Math.min(first.offset + first.length, to);
    const inner = others.filter((each) => each.offset < end);
    rest = others.filter((each) => each.offset >= end);
    if (first.offset > at) parts.push(text.slice(at, first.offset));
    parts.push(wrapped(first, between(text, inner, first.offset, end), text.slice(first.offset, end)));
    at = end;
  }
  if (at < to) parts.push(text.slice(at, to));
  return parts;
}

function wrapped(entity, children, raw) {
  if (LINKED.has(entity.type)) {
    const href = entity.url ?? (entity.type === "email" ? `mailto:${raw}` : entity.type === "phone_number" ? `tel:${raw}` : raw);
    const safe = /^(https?:|mailto:|tel:|tg:)/i.test(href) ? href : `https://${href}`;
    return h("a", { href: safe, target: "_blank", rel: "noreferrer" }, children);
  }
  if (COLOURED.has(entity.type)) return h("span.mention", {}, children);
  return TAGS[entity.type] ? h(TAGS[entity.type], {}, children) : h("span", {}, children);
}

const fileUrl = (id) => `/sandbox/telegram/file/${encodeURIComponent(id)}`;

/** The media of a message, or null. */
export function media(message) {
  if (message.photo) {
    const largest = message.photo[message.photo.length - 1];
    return h("a.photo", { href: fileUrl(largest.file_id), target: "_blank" },
      h("img", {
        src: fileUrl(largest.file_id),
        alt: "Photo",
        width: largest.width,
        height: largest.height,
        loading: "lazy",
      }));
  }
  if (message.voice) return h("span.attachment", {}, `🎤 Voice message, ${message.voice.duration} s`);
  if (message.video) return h("span.attachment", {}, "🎬 Video");
  if (message.audio) return h("span.attachment", {}, "🎵 Audio");
  if (message.sticker) return h("span.sticker", {}, message.sticker.emoji ?? "🙂");
  if (message.location) {
    const { latitude, longitude } = message.location;
    const href = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`;
    return h("a.attachment", { href, target: "_blank", rel: "noreferrer" }, `📍 ${latitude}, ${longitude}`);
  }
  if (message.contact) return h("span.attachment", {}, `👤 ${message.contact.first_name} ${message.contact.phone_number}`);
  if (message.document) return file(message.document);
  return null;
}

const SEEN = /^image\/(png|jpeg|gif|webp)$/;
const READ = /^(application\/pdf|text\/(csv|plain))$/;

/** A document: its picture where it is one, and a link that keeps it; a PDF or a table can be read at once, too. */
function file({ file_id: id, file_name: name = "File", mime_type: mime = "", file_size: size }) {
  const href = fileUrl(id);
  return h("div.file", {},
    SEEN.test(mime) && h("a.photo", { href, target: "_blank" }, h("img", { src: href, alt: name, loading: "lazy" })),
    h("div.file-line", {},
      h("a.attachment", { href, download: name, title: `Save ${name}` }, `📎 ${name}`),
      h("small", {}, bytes(size ?? 0)),
      READ.test(mime) && h("a.attachment", { href, target: "_blank", rel: "noreferrer" }, "Open")));
}

const UNITS = [[1024 * 1024, "MB"], [1024, "KB"], [1, "B"]];

/** 12.3 KB. */
export function bytes(size) {
  const [unit, word] = UNITS.find(([least]) => size >= least) ?? UNITS.at(-1);
  return `${(size / unit).toFixed(unit === 1 || size >= 10 * unit ? 0 : 1)} ${word}`;
}

const NOTES = {
  forum_topic_created: (message) => `Topic “${message.forum_topic_created.name}” was opened`,
  forum_topic_edited: (message) => `Topic renamed to “${message.forum_topic_edited.name ?? ""}”`,
  forum_topic_closed: () => "The topic was closed",
  forum_topic_reopened: () => "The topic was opened again",
  pinned_message: () => "A message was pinned",
  new_chat_members: (message) => `${names(message.new_chat_members)} joined`,
  left_chat_member: (message) => `${message.left_chat_member.first_name} left`,
};

const names = (users) => users.map((user) => user.first_name).join(", ");

/** The words of a service note, or null for an ordinary message. */
export function note(message) {
  const kind = Object.keys(NOTES).find((each) => each in message);
  return kind ? NOTES[kind](message) : null;
}

/** One line for a list of chats. */
export function summary(message) {
  const words = note(message) ?? message.text ?? message.caption;
  if (words) return words.split("\n")[0];
  return media(message)?.textContent || "📷 Photo";
}

/** Who wrote it, for groups. */
export const author = (message) =>
  message.from.id === store.bot.id ? store.scene.operator : message.from.first_name;
