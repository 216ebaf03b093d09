// SPDX-License-Identifier: Apache-2.0
// The figures at the top of the overview.

import { fill, h, say } from "../lib/dom.js";
import { counted, micro, micros, percent, rate, whole } from "../lib/format.js";
import { dot } from "../lib/ui.js";

const NAMES = ["Decisions", "Denied", "Latency p99", "Store", "Load state", "Instances"];

/** An element, and `show(event)` and `instances(answer)` to keep it of today. */
export function makeFigures() {
  const made = {};
  const element = h("div", { class: "figures" });
  for (const name of NAMES) {
    const light = dot("");
    light.hidden = true;
    const value = h("span", {}, "–");
    const unit = h("small");
    const about = h("span", { class: "figure-note" }, " ");
    made[name] = { light, value, unit, about };
    element.append(
      h(
        "div",
        { class: "figure" },
        h("span", { class: "figure-name" }, name),
        h("span", { class: "figure-value" }, light, value, unit),
        about,
      ),
    );
  }
  const put = (name, text, unit, about, tone = "") => {
    say(made[name].value, text);
    say(made[name].unit, unit);
    say(made[name].about, about);
    made[name].light.className = `dot ${tone}`;
    made[name].light.hidden = tone === "";
  };
  return {
    element,
    show(event) {
      showDecisions(put, event);
      showStore(put, event.store);
      const { state } = event;
      put(
        "Load state",
        state.name,
        "",
        `${counted(state.changes, "change")} so far`,
        state.name === "normal" ? "good" : "warn",
      );
    },
    instances(answer) {
      const draining = answer.instances.filter((each) => each.draining).length;
      const name = answer.instances.find((each) => each.self)?.name ?? "";
      put(
        "Instances",
        whole(answer.instances.length),
        "",
        draining > 0 ? `${draining} draining` : `this is ${name}`,
      );
    },
  };
}

function showDecisions(put, event) {
  const { allowed, denied } = event.decisions;
  const all = allowed.rate + denied.rate;
  put("Decisions", rate(all), "/s", `${whole(allowed.total + denied.total)} so far`);
  put("Denied", rate(denied.rate), "/s", `${percent(denied.rate, all)} of decisions`);
  const { count, p50, p90, p99 } = event.latency;
  if (count > 0) {
    put("Latency p99", ...micro(p99), `p50 ${micros(p50)} · p90 ${micros(p90)}`);
  } else {
    put("Latency p99", "–", "", "nothing was decided");
  }
}

function showStore(put, store) {
  const facts = [store.up ? "up" : "away", `breaker ${store.breaker}`];
  if (store.roundTrip?.count > 0) {
    facts.push(`round trip p99 ${micros(store.roundTrip.p99)}`);
  }
  if (store.keys !== undefined) {
    facts.push(counted(store.keys, "key"));
  }
  if (store.error) {
    facts.push(store.error);
  }
  const whole = store.up && store.breaker === "closed" && !store.error;
  const tone = whole ? "good" : store.up ? "warn" : "bad";
  put("Store", store.kind === "redis" ? "Redis" : "Memory", "", facts.join(" · "), tone);
}
