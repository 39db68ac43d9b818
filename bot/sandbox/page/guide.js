// The strip at the top: how to begin, or the step of a story at which one is.

import { byId, h, pause } from "./dom.js";
import { begin, SCENARIOS } from "./scenarios.js";
import { on, store } from "./store.js";

const PLAY_PAUSE = 1600;
const USUAL = [
  ["Make a station ill", "stations"],
  ["Scan its sticker", "driver"],
  ["Say what is wrong", "driver"],
];

export class Guide {
  /** `show(pane)` brings a pane to the front where only one is seen. */
  constructor({ show, onProblem }) {
    this.element = byId("guide");
    this.show = show;
    this.onProblem = onProblem;
    this.story = null;
    this.playing = false;
    on("loaded", () => this.draw());
    on("any", () => this.look());
    byId("help").addEventListener("click", () => this.toggle());
  }

  get hidden() {
    return localStorage.getItem("guide") === "off";
  }

  toggle() {
    localStorage.setItem("guide", this.hidden || this.story ? "on" : "off");
    if (this.story) this.leave();
    this.draw();
  }

  draw() {
    this.element.hidden = this.hidden && !this.story;
    if (this.element.hidden) return;
    this.element.classList.toggle("telling", Boolean(this.story));
    if (this.story) this.drawStory();
    else this.drawUsual();
  }

  drawUsual() {
    this.mark(null);
    this.element.replaceChildren(
      h("ol.usual", {}, USUAL.map(([text, pane]) => h("li", {}, h("button.link", { type: "button", onclick: () => this.glance(pane) }, text)))),
      h("div.stories", {},
        h("span", {}, "or play"),
        SCENARIOS.map((scenario) => h("button", { type: "button", onclick: () => this.begin(scenario), data: { scenario: scenario.key } }, scenario.title))),
      h("button.quiet.icon.close", { type: "button", title: "Hide the guide", ariaLabel: "Hide the guide", onclick: () => this.toggle() }, "✕"),
    );
  }

  drawStory() {
    const { scenario, step, station } = this.story;
    const steps = scenario.steps;
    const over = step >= steps.length;
    const now = steps[step];
    this.mark(over ? null : now.pane);
    this.element.replaceChildren(
      h("div.progress", { ariaHidden: "true" }, steps.map((_, place) => h(place < step ? "i.past" : place === step ? "i.now" : "i"))),
      h("p.step", {}, h("b", {}, over ? "Done. " : `${step + 1}/${steps.length} `), over ? "The whole case is in the chats. Look around, or play another." : now.text.replace("{station}", station)),
      h("div.buttons", {},
        over ? null : h("button.primary", { type: "button", disabled: this.busy, onclick: () => this.doIt() }, "Do it for me"),
        over ? null : h("button", { type: "button", ariaPressed: String(this.playing), onclick: () => this.play() }, this.playing ? "Pause" : "Play all"),
        h("button", { type: "button", onclick: () => this.leave() }, over ? "Close" : "Leave")),
    );
  }

  mark(pane) {
    for (const element of document.querySelectorAll("[data-pane]")) element.classList.toggle("wanted", element.dataset.pane === pane);
  }

  glance(pane) {
    this.show(pane);
    const element = document.querySelector(`[data-pane="${pane}"]`);
    element.classList.add("wanted");
    setTimeout(() => !this.story && element.classList.remove("wanted"), 1500);
  }

  async begin(scenario) {
    const key = `used:${store.scene.run}`;
    const used = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    try {
      this.story = await begin(scenario, used);
    } catch (error) {
      return this.onProblem(error.message);
    }
    if (!this.story) return this.onProblem("Every station has been restarted once by now. “Start over” gives fresh ones.");
    sessionStorage.setItem(key, JSON.stringify([...used, this.story.station]));
    this.show(scenario.steps[0].pane);
    this.draw();
  }

  look() {
    const { story } = this;
    if (!story) return;
    const before = story.step;
    while (story.step < story.scenario.steps.length && story.scenario.steps[story.step].done(story)) story.step += 1;
    if (story.step === before) return;
    const next = story.scenario.steps[story.step];
    if (next) this.show(next.pane);
    this.draw();
  }

  async doIt() {
    const { story } = this;
    const step = story?.scenario.steps[story.step];
    if (!step || this.busy) return;
    this.busy = true;
    this.draw();
    try {
      await step.doIt(story);
    } catch (error) {
      this.playing = false;
      this.onProblem(error.message);
    } finally {
      this.busy = false;
      this.look();
      this.draw();
    }
  }

  async play() {
    this.playing = !this.playing;
    this.draw();
    while (this.playing && this.story && this.story.step < this.story.scenario.steps.length) {
      const { step } = this.story;
      await this.doIt();
      const until = Date.now() + 15_000;
      while (this.playing && this.story?.step === step && Date.now() < until) await pause(150);
      if (this.story?.step === step) break;
      await pause(PLAY_PAUSE);
    }
    this.playing = false;
    this.draw();
  }

  leave() {
    this.story = null;
    this.playing = false;
    this.draw();
  }
}
