// SPDX-License-Identifier: Apache-2.0
// What happens now.

import { api } from "../lib/api.js";
import { chart } from "../lib/charts.js";
import { fill, h, say } from "../lib/dom.js";
import { micros, rate, whole } from "../lib/format.js";
import { history, latest, live } from "../lib/live.js";
import { latencySeries, outcomeSeries, policySeries } from "../lib/series.js";
import { card, pageHead, pill, segments, table } from "../lib/ui.js";
import { makeFigures } from "./figures.js";
import { instanceTable } from "./instances.js";
import { topTable } from "./topkeys.js";

const INSTANCES_MILLIS = 2_000;
const MINUTES = "weir.minutes";

export function showOverview(place, parameters, signal) {
  let minutes = Number(sessionStorage.getItem(MINUTES) ?? 5);
  let measure = "decided";
  const figures = makeFigures();
  const outcomes = chart("Decisions per second by outcome", { format: rate, stacked: true });
  const policies = chart("Decisions per second by policy", { format: rate });
  const latency = chart("Latency of decisions", { format: micros });
  const reasons = reasonTable();
  const trouble = troubleTable();
  const denied = topTable("Keys that were denied most");
  const used = topTable("Keys that were used most");
  const instances = instanceTable();
  const instancesNote = h("span", { class: "hint" });

  const redraw = () => {
    const event = latest();
    if (!event) {
      return;
    }
    figures.show(event);
    const to = history.at(-1).at;
    const from = to - minutes * 60_000;
    const points = history.filter((each) => each.at >= from - 2_000);
    outcomes.show(outcomeSeries(points), from, to);
    policies.show(policySeries(points, measure), from, to);
    latency.show(latencySeries(points), from, to);
    reasons.show(event.decisions.reasons);
    trouble.show(troubles(event));
    denied.show(event.topKeys.denied);
    used.show(event.topKeys.used);
  };

  const past = segments(
    "How much of the past",
    [2, 5, 15].map((each) => [String(each), `${each} min`]),
    String(minutes),
    (chosen) => {
      minutes = Number(chosen);
      sessionStorage.setItem(MINUTES, chosen);
      redraw();
    },
  );
  const measured = segments(
    "What is counted",
    [
      ["decided", "All"],
      ["denied", "Denied"],
    ],
    measure,
    (chosen) => {
      measure = chosen;
      redraw();
    },
  );
  const lately = () => h("span", { class: "hint" }, "this instance, last 5 to 10 min");
  fill(
    place,
    pageHead("Overview", h("div", { class: "push" }, past)),
    h(
      "div",
      { class: "stack" },
      figures.element,
      h(
        "div",
        { class: "grid-2" },
        card("Decisions by outcome", {}, body(outcomes.element)),
        card("Decisions by policy", { head: [h("div", { class: "push" }, measured)] }, body(policies.element)),
      ),
      h(
        "div",
        { class: "grid-2" },
        card("Latency of decisions", {}, body(latency.element)),
        h(
          "div",
          { class: "stack fill" },
          card("Decisions by reason", {}, reasons.element),
          card("What went wrong", {}, trouble.element),
        ),
      ),
      h(
        "div",
        { class: "grid-2" },
        card("Most denied keys", { head: [lately()] }, denied.element),
        card("Most used keys", { head: [lately()] }, used.element),
      ),
      card("Instances", { head: [instancesNote] }, instances.element),
    ),
  );

  live.addEventListener("event", redraw, { signal });
  redraw();
  const refresh = async () => {
    try {
      const answer = await api("instances", { signal });
      instances.show(answer.instances.map((each) => ({ ...each, asked: Date.parse(answer.at) })));
      figures.instances(answer);
      say(
        instancesNote,
        answer.error || (answer.shared ? "that share one store" : "in memory: this one alone"),
      );
    } catch (error) {
      if (!signal.aborted) {
        say(instancesNote, error.message);
      }
    }
  };
  refresh();
  const timer = setInterval(() => document.hidden || refresh(), INSTANCES_MILLIS);
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    [outcomes, policies, latency].forEach((each) => each.destroy());
  });
}

function body(...content) {
  return h("div", { class: "card-body" }, content);
}

function reasonTable() {
  return table(
    "Decisions by reason",
    [
      { name: "Reason", head: true, cell: (row) => row.reason.replaceAll("_", " ") },
      {
        name: "Outcome",
        cell: (row) => pill(row.outcome, row.outcome === "denied" ? "bad" : "good"),
      },
      { name: "Per second", kind: "number", cell: (row) => rate(row.rate) },
      { name: "Since start", kind: "number", cell: (row) => whole(row.total) },
    ],
    { empty: "No decision yet.", wide: false },
  );
}

function troubleTable() {
  return table(
    "What went wrong",
    [
      { name: "What", head: true, cell: (row) => row.what },
      { name: "Per second", kind: "number", cell: (row) => rate(row.rate) },
      { name: "Since start", kind: "number", cell: (row) => whole(row.total) },
    ],
    { empty: "Nothing since the start.", wide: false },
  );
}

function troubles(event) {
  const rows = [
    ...event.failures.store.map((each) => ({ ...each, what: `Store: ${each.category}` })),
    ...event.failures.decided.map((each) => ({
      ...each,
      what: `Decided by failure policy: ${each.policy}`,
    })),
    ...event.security.map((each) => ({
      ...each,
      what: `Security: ${each.type.replaceAll("_", " ")}`,
    })),
  ];
  return rows.filter((row) => row.total > 0);
}
