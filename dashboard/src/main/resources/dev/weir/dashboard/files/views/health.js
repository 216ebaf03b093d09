// SPDX-License-Identifier: Apache-2.0
// How every part of this instance is.

import { api } from "../lib/api.js";
import { fill, h, say } from "../lib/dom.js";
import { bytes, clock, duration, micros, percent, rate, whole } from "../lib/format.js";
import { latest, live } from "../lib/live.js";
import { may } from "../lib/session.js";
import { ask, button, card, load, pageHead, pill, table, toast } from "../lib/ui.js";

const REFRESH_MILLIS = 3_000;

export function showHealth(place, parameters, signal) {
  const status = h("span", { class: "row" });
  const updated = h("span", { class: "hint push" });
  const components = table("Components", [
    { name: "Component", head: true, kind: "text", cell: (row) => row.name },
    {
      name: "Status",
      cell: (row) => pill(row.status, row.status === "ok" ? "good" : "bad"),
    },
    {
      name: "Details",
      kind: "text",
      cell: (row) => [
        row.error ? h("p", {}, row.error) : null,
        h("p", { class: "muted" }, details(row.details)),
        (row.details.warnings ?? []).map((each) => h("p", {}, pill("note", "warn"), ` ${each}`)),
      ],
    },
  ]);
  const content = h("div", {}, components.element);
  const figures = h("div", { class: "card-body" });
  const configuration = h("div", { class: "card-body" });
  const refresh = () =>
    load(content, async () => {
      const health = await api("health", { signal });
      fill(content, components.element);
      components.show(health.components);
      fill(status, pill(health.status, health.status === "ok" ? "good" : "bad"));
      say(updated, `as of ${clock(Date.parse(health.at))}`);
    });
  const showConfiguration = () =>
    load(configuration, async () => {
      const answer = await api("configuration", { signal });
      fill(
        configuration,
        h(
          "div",
          { class: "diff plain", tabIndex: 0, role: "group", "aria-label": "Configuration" },
          h("pre", {}, JSON.stringify(answer, null, 2)),
        ),
      );
    });
  const redraw = () => {
    const event = latest();
    if (event) {
      fill(figures, processFacts(event));
    }
  };
  fill(
    place,
    pageHead("Health", status, updated),
    h(
      "div",
      { class: "stack" },
      h(
        "div",
        { class: "split" },
        card("Components", {}, content),
        card("Process", {}, figures),
      ),
      card(
        "Configuration in force",
        {
          head: [
            h("span", { class: "hint" }, "without its secrets"),
            may("admin")
              ? h("div", { class: "push" }, button("Reload files…", () => reload(showConfiguration), { kind: "small" }))
              : null,
          ],
        },
        configuration,
      ),
    ),
  );
  refresh();
  showConfiguration();
  redraw();
  live.addEventListener("event", redraw, { signal });
  const timer = setInterval(() => document.hidden || refresh(), REFRESH_MILLIS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

function details(values) {
  return Object.entries(values)
    .filter(([name]) => name !== "warnings")
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(" · ");
}

function processFacts(event) {
  const { instance, process, store, http, resp, leases, denials, callers, policies } = event;
  const rows = [
    ["Instance", `${instance.name} (${instance.id})`],
    ["Version", instance.version],
    ["Up for", duration(Date.parse(event.at) - Date.parse(instance.startedAt))],
    ["CPU", `${process.cpu.toFixed(2)} of ${process.processors} processors (${percent(process.cpu, process.processors)})`],
    ["Heap", `${bytes(process.heapUsed)} of ${bytes(process.heapMax)}`],
    ["Collections", `${rate(process.gcRate)}/s, ${whole(process.gcMillis)} ms in this second`],
    ["Threads", whole(process.threads)],
    ["HTTP connections", whole(http.connections)],
    ["HTTP answers", http.statuses.map((each) => `${each.status} ${rate(each.rate)}/s`).join(" · ") || "none yet"],
    ["Redis protocol", `${whole(resp.connections)} connections, ${rate(resp.commands.rate)} commands/s`],
    ["Store", [store.kind, store.version, store.topology].filter(Boolean).join(" · ")],
    ["Policies", `${whole(policies.count)}, version ${policies.version}`],
    ["Callers", `${whole(callers.users)} users, ${whole(callers.keys)} keys, ${whole(callers.bans)} bans`],
  ];
  if (store.roundTrip?.count > 0) {
    rows.push([
      "Round trips",
      `p50 ${micros(store.roundTrip.p50)} · p99 ${micros(store.roundTrip.p99)} · ${rate(store.checksPerCall ?? 0)} checks each`,
    ]);
  }
  if (leases.keys > 0 || leases.bought.total > 0) {
    rows.push(["Leases", `${whole(leases.permits)} permits of ${whole(leases.keys)} keys`]);
  }
  if (denials.answered.total > 0) {
    rows.push(["Denials remembered", `${whole(denials.remembered)}, ${rate(denials.answered.rate)} answered/s`]);
  }
  return h(
    "dl",
    { class: "facts" },
    rows.map(([term, fact]) => [h("dt", {}, term), h("dd", {}, fact)]),
  );
}

function reload(done) {
  ask("Read the configuration files again?", {
    text: "If they are wrong, what is in force stays and you are told why.",
    confirm: "Reload",
    action: async () => {
      const answer = await api("configuration/reload", { method: "POST" });
      toast(`Reloaded: ${answer.policies} policies`);
      done();
    },
  });
}
