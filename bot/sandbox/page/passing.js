// Lets time pass for everybody at once: deadlines fall due, pauses grow long, restarts are allowed again.

import { h, menu, svg } from "./dom.js";
import { on, passTime, store } from "./store.js";

const SPANS = [
  [5, "5 minutes", "a driver waits, a restart fails to come"],
  [20, "20 minutes", "a pause becomes a stuck one"],
  [6 * 60, "6 hours", "a station may be restarted again"],
];

export function setUpPassing(element, { onProblem }) {
  const pass = async (minutes) => {
    try {
      await passTime(minutes);
    } catch (error) {
      onProblem(error.message);
    }
  };
  const items = () => SPANS.map(([minutes, words, why]) => [[words, why], () => pass(minutes)]);
  const passed = h("small.passed", { hidden: true });
  const sign = h("span.passing-sign", {}, forward(), h("span.wide-only", {}, "Let time pass"), passed);
  element.replaceChildren(menu("Let time pass for everybody", sign, items));
  const draw = () => {
    passed.hidden = !store.minutes;
    passed.textContent = `+${span(store.minutes)}`;
  };
  on("time", draw);
  on("loaded", draw);
}

/** 25 min, 6 h, 6 h 5. */
function span(minutes) {
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60}` : ""}`;
}

const forward = () => svg('<svg viewBox="0 0 24 24" width="17" height="17" fill="currentColor" aria-hidden="true"><path d="M3 5.5v13L12 12zm9 0v13l9-6.5z"/></svg>');
