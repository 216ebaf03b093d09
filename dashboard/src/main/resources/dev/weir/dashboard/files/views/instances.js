// SPDX-License-Identifier: Apache-2.0
// The instances that share a store.

import { bytes, duration, micros, rate } from "../lib/format.js";
import { pill, table } from "../lib/ui.js";

/** A table; its rows also have `asked`, the millisecond of the server's clock. */
export function instanceTable() {
  const latency = (row, name) =>
    row.latency[name] === undefined ? "–" : micros(row.latency[name]);
  return table("Instances", [
    {
      name: "Instance",
      head: true,
      kind: "text",
      cell: (row) => [
        row.name,
        " ",
        row.self ? pill("this one", "accent") : null,
        row.draining ? pill("draining", "warn") : null,
      ],
    },
    {
      name: "Up for",
      kind: "nowrap",
      cell: (row) => duration(row.asked - Date.parse(row.startedAt)),
    },
    { name: "Allowed/s", kind: "number", cell: (row) => rate(row.decisions.allowed) },
    { name: "Denied/s", kind: "number", cell: (row) => rate(row.decisions.denied) },
    { name: "p50", kind: "number nowrap", cell: (row) => latency(row, "p50") },
    { name: "p99", kind: "number nowrap", cell: (row) => latency(row, "p99") },
    {
      name: "Store",
      cell: (row) =>
        row.store.up && !row.store.error
          ? pill("up", "good")
          : pill(row.store.error || "away", "bad"),
    },
    { name: "State", kind: "text", cell: (row) => row.state },
    { name: "Policies", kind: "number", cell: (row) => `v${row.policiesVersion}` },
    { name: "CPU", kind: "number", cell: (row) => row.cpu.toFixed(2) },
    { name: "Heap", kind: "number nowrap", cell: (row) => bytes(row.heapUsed) },
    { name: "Version", kind: "nowrap", cell: (row) => row.version },
  ]);
}
