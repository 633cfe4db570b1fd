// The bar of a run that has ended: it plays, stands, goes faster, or somewhere else.

import { by, el, icon, say } from "./dom.js";
import { clock } from "./format.js";
import { ask } from "./stream.js";
import { toast } from "./toast.js";

const SPEEDS = [1, 10, 60, 600];
const PLAY = "M5 3l8 5-8 5z", STAND = "M5 3v10M11 3v10";

export class Replay {
  constructor(store) {
    this.store = store;
    this.place = by("replay");
    this.held = false; // while one drags, views do not move the knob
    this.playing = null;
    this.button = el("button", { type: "button", class: "icon", onclick: () => this.#tell({ playing: !this.store.replay?.playing }) });
    this.knob = el("input", { type: "range", min: 0, max: 1, step: "any", "aria-label": "Moment of the run" });
    this.speed = el("select", { "aria-label": "Speed" }, SPEEDS.map(speed => el("option", { value: speed }, `${speed}×`)));
    this.told = el("output");
    this.place.append(this.button, this.knob, this.told, this.speed);
    this.knob.addEventListener("input", () => { this.held = true; say(this.told, this.#words(Number(this.knob.value))); });
    this.knob.addEventListener("change", async () => { await this.#tell({ at: Number(this.knob.value) }); this.held = false; });
    this.speed.addEventListener("change", () => this.#tell({ speed: Number(this.speed.value) }));
  }

  update() {
    const { replay, kind, began, ended } = this.store;
    const shown = kind === "replayed" && replay !== null;
    this.place.hidden = !shown;
    document.body.classList.toggle("replaying", shown);
    if (!shown) return;
    if (this.playing !== replay.playing) {
      this.playing = replay.playing;
      this.button.replaceChildren(icon(replay.playing ? STAND : PLAY));
      this.button.setAttribute("aria-label", replay.playing ? "Stop" : "Play");
    }
    if (document.activeElement !== this.speed) this.speed.value = String(replay.speed);
    if (this.held) return;
    this.knob.max = String(Math.max(1, ended - began));
    this.knob.value = String(replay.at);
    say(this.told, this.#words(replay.at));
  }

  #words(at) {
    return `${clock(at)} of ${clock(this.store.ended - this.store.began)}`;
  }

  async #tell(change) {
    try { await ask("replay", change); } catch (error) { toast(error.message, { failed: true }); }
  }
}
