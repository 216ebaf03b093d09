// SPDX-License-Identifier: Apache-2.0
// The load state of the system, and what tiers get in each.

import { api } from "../lib/api.js";
import { fill, h, say } from "../lib/dom.js";
import { duration, moment, whole } from "../lib/format.js";
import { latest, live } from "../lib/live.js";
import { may } from "../lib/session.js";
import { ask, card, field, load, pageHead, pill, select, table, toast } from "../lib/ui.js";

const ENDS = [
  ["", "until somebody changes it"],
  ["300", "for 5 minutes"],
  ["900", "for 15 minutes"],
  ["3600", "for an hour"],
  ["14400", "for 4 hours"],
  ["86400", "for a day"],
  ["other", "for as many seconds as I say"],
];

export function showState(place, parameters, signal) {
  const now = h("div");
  const change = h("div");
  const tiers = h("div");
  const until = h("span");
  let ends = 0;
  let name = "";
  const tick = () => {
    if (ends > 0) {
      const left = ends - Date.now();
      say(until, left > 0 ? `in ${duration(Math.ceil(left / 1_000) * 1_000)}, back to normal` : "now");
    }
  };
  const show = (state) => {
    name = state.name;
    ends = state.until ? Date.parse(state.until) : 0;
    fill(now, facts(state, until));
    tick();
    if (may("operator")) {
      fill(change, form(state, show));
    }
  };
  const refresh = () =>
    load(now, async () => {
      const [state, answer] = await Promise.all([api("state", { signal }), api("tiers", { signal })]);
      show(state);
      fill(tiers, tierTable(answer.tiers, state));
    });
  fill(
    place,
    pageHead("Load state"),
    h("p", { class: "lead" }, "A load state changes limits for everybody, on every instance within two seconds. What is spent stays spent."),
    h(
      "div",
      { class: "stack" },
      h(
        "div",
        { class: may("operator") ? "grid-2" : "stack" },
        card("Now", {}, h("div", { class: "card-body" }, now)),
        may("operator") ? card("Switch", {}, h("div", { class: "card-body" }, change)) : null,
      ),
      card("Tiers by load state", {}, tiers),
    ),
  );
  refresh();
  live.addEventListener(
    "event",
    () => {
      const current = latest()?.state.name;
      if (name !== "" && current !== undefined && current !== name) {
        name = current;
        refresh();
      }
    },
    { signal },
  );
  const timer = setInterval(tick, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));
}

function facts(state, until) {
  const rows = [["State", pill(state.name, state.name === "normal" ? "good" : "warn")]];
  if (state.since) {
    rows.push(["Since", moment(state.since)], ["By", state.author], ["Reason", state.reason || "–"]);
  }
  if (state.until) {
    rows.push(["Ends", h("span", {}, until, h("span", { class: "muted" }, ` (${moment(state.until)})`))]);
  }
  return h(
    "dl",
    { class: "facts" },
    rows.map(([term, fact]) => [h("dt", {}, term), h("dd", {}, fact)]),
  );
}

function form(state, show) {
  const others = state.known.filter((each) => each !== state.name);
  const name = select("name", state.known.map((each) => [each, each]), others[0] ?? state.name);
  const reason = h("input", { name: "reason", maxLength: 500 });
  const ends = select("ends", ENDS, "");
  const seconds = h("input", { name: "seconds", type: "number", min: 1, max: 31_536_000, step: 1, value: 60 });
  const custom = field("Seconds", seconds);
  custom.hidden = true;
  ends.addEventListener("change", () => {
    custom.hidden = ends.value !== "other";
  });
  const element = h(
    "form",
    { class: "fields", autocomplete: "off" },
    h("div", { class: "fields-row" }, field("To", name), field("How long", ends), custom),
    field("Reason", reason, "For the audit trail, and for whoever wonders."),
    h("div", { class: "row end" }, h("button", { type: "submit", class: "primary" }, "Switch…")),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = { name: name.value, reason: reason.value };
    if (ends.value !== "") {
      body.ttlSeconds = Number(ends.value === "other" ? seconds.value : ends.value);
    }
    ask(`Switch to ${body.name}?`, {
      text: body.ttlSeconds
        ? `Every instance follows. It ends by itself in ${duration(1_000 * body.ttlSeconds)}.`
        : "Every instance follows, until somebody changes it.",
      confirm: "Switch",
      danger: body.name !== "normal",
      action: async () => {
        show(await api("state", { method: "PUT", body }));
        toast(`The load state is ${body.name}`);
      },
    });
  });
  return element;
}

function tierTable(tiers, state) {
  const rows = tiers.flatMap((tier) => tier.limits.map((limit) => ({ tier: tier.name, ...limit })));
  const columns = [
    { name: "Tier", head: true, kind: "text", cell: (row) => row.tier },
    { name: "Limit", kind: "text", cell: (row) => row.limit },
    ...state.known.map((each) => ({
      name: each,
      kind: "nowrap",
      cell: (row) => rateText(row.rates[each] ?? row.rates.normal, each in row.rates),
    })),
  ];
  const shown = table("Tiers by load state", columns, { empty: "The policies name no tiers." });
  shown.show(rows);
  return shown.element;
}

function rateText(rate, own) {
  if (!rate) {
    return "–";
  }
  const per = rate.windowMillis ? ` in ${duration(rate.windowMillis)}` : "";
  return h("span", { class: own ? "" : "muted" }, `${whole(rate.capacity)}${per}`);
}
