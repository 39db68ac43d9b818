// Building and finding elements; times as people read them.

/** An element. `props` sets properties, `on…` listeners, `data` data attributes; strings become text. */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name || "div");
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "data") Object.assign(element.dataset, value);
    else if (key in element && key !== "list" && key !== "form") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** SVG out of a string of our own making. */
export function svg(markup) {
  const holder = document.createElement("template");
  holder.innerHTML = markup;
  return holder.content.firstElementChild;
}

export const byId = (id) => document.getElementById(id);

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const seconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

/** 14:05, from seconds since the epoch. */
export const hour = (epoch) => clock.format(new Date(epoch * 1000));

/** 14:05:33, from an ISO time. */
export const precise = (iso) => seconds.format(new Date(iso));

/** Shows one of two buttons; the keyboard's focus moves along. */
export function either(first, second, isFirst) {
  const [shown, gone] = isFirst ? [first, second] : [second, first];
  const focused = document.activeElement === gone;
  shown.hidden = false;
  gone.hidden = true;
  if (focused) shown.focus();
}

/** Waits. */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A menu behind a button; `items` are [label or [label, remark], action, danger?]. It closes by itself. */
export function menu(label, sign, items) {
  const list = h("div.menu-items", { role: "menu" });
  const details = h("details.menu", {}, h("summary", { title: label, ariaLabel: label }, sign), list);
  const fill = () => {
    list.replaceChildren(
      ...items().map(([text, act, danger]) =>
        h(danger ? "button.danger" : "button", {
          type: "button",
          role: "menuitem",
          onclick: () => {
            details.open = false;
            act();
          },
        }, ...[text].flat().map((words, place) => (place ? h("small", {}, words) : words)))),
    );
  };
  details.addEventListener("toggle", () => details.open && fill());
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    details.open = false;
    details.firstElementChild.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!details.contains(event.target)) details.open = false;
  });
  return details;
}
