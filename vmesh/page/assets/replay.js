// The bar of a run that has ended: play, speed, and any moment of it.
import { toast } from "./actions.js";
import { $, element, setText } from "./dom.js";
import { clock } from "./format.js";

const SPEEDS = [1, 10, 60, 600];

export class Replay {
  constructor(begin) {
    this.span = begin.ended - begin.began;
    this.held = false; // the user has the slider
    $("replay")?.remove();
    this.play = element("button", { type: "button", "aria-label": "play or stop", onclick: () => this.send({ playing: !this.state?.playing }) }, "Play");
    this.speed = element("select", { "aria-label": "speed", onchange: () => this.send({ speed: Number(this.speed.value) }) },
      ...SPEEDS.map((n) => element("option", { value: String(n) }, `${n} times`)));
    this.slider = element("input", { type: "range", min: "0", max: "1000", "aria-label": "moment of the run" });
    this.text = element("span");
    this.slider.addEventListener("pointerdown", () => { this.held = true; });
    this.slider.addEventListener("input", () => this.show(this.at()));
    this.slider.addEventListener("change", () => { this.held = false; this.send({ at: this.at() }); });
    $("figures").before(element("section", { class: "card wide replay", id: "replay" }, this.play, this.speed, this.slider, this.text));
  }

  at() {
    return (this.span * Number(this.slider.value)) / 1000;
  }

  show(at) {
    setText(this.text, `${clock(at)} of ${clock(this.span)}`);
  }

  take(state) {
    this.state = state;
    setText(this.play, state.playing ? "Stop" : "Play");
    this.speed.value = String(state.speed);
    if (this.held) return;
    this.slider.value = String(this.span ? Math.round((1000 * state.at) / this.span) : 1000);
    this.show(state.at);
  }

  async send(wanted) {
    try {
      const answer = await fetch("replay", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wanted) });
      const told = await answer.json();
      if (answer.ok) this.take(told);
      else toast(told.error, true);
    } catch (error) {
      toast(`the server does not answer: ${error.message}`, true);
    }
  }
}
