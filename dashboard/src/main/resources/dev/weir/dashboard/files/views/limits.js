// SPDX-License-Identifier: Apache-2.0
// How limits are for one descriptor.

import { h } from "../lib/dom.js";
import { duration, whole } from "../lib/format.js";
import { pill, table } from "../lib/ui.js";

export function limitTable(caption) {
  return table(
    caption,
    [
      {
        name: "Limit",
        head: true,
        kind: "text",
        cell: (row) => [
          `${row.policy} · ${row.limit}`,
          row.mode === "shadow" ? [" ", pill("shadow")] : null,
        ],
      },
      {
        name: "Now",
        cell: (row) => [
          row.allowed ? pill("allows", "good") : pill("denies", "bad"),
          row.estimated ? [" ", pill("estimated", "warn")] : null,
        ],
      },
      { name: "Used", kind: "used", cell: usage },
      { name: "Remaining", kind: "number", cell: (row) => whole(row.remaining) },
      {
        name: "Unused again in",
        kind: "number nowrap",
        cell: (row) => (row.used === 0 ? "–" : duration(row.resetAfterMillis)),
      },
      {
        name: "Retry after",
        kind: "number nowrap",
        cell: (row) => (row.retryAfterMillis === undefined ? "–" : duration(row.retryAfterMillis)),
      },
      { name: "Algorithm", kind: "nowrap", cell: (row) => row.algorithm },
    ],
    { empty: "No limit counts this." },
  );
}

function usage(row) {
  const full = row.used >= row.capacity;
  return h(
    "div",
    { class: "usage" },
    h("span", { class: "number" }, `${whole(row.used)} of ${whole(row.capacity)}`),
    h("progress", {
      class: full ? "bar full" : "bar",
      max: Math.max(1, row.capacity),
      value: Math.min(row.used, row.capacity),
      "aria-label": `${row.policy} · ${row.limit}: used`,
    }),
  );
}
