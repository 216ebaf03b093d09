// SPDX-License-Identifier: Apache-2.0
// Keys that are denied or used most, each with its way to the inspector.

import { h } from "../lib/dom.js";
import { whole } from "../lib/format.js";
import { table } from "../lib/ui.js";

export function topTable(caption) {
  return table(
    caption,
    [
      { name: "Key", head: true, kind: "text", cell: shownKey },
      { name: "Limit", kind: "text", cell: (row) => `${row.policy} · ${row.limit}` },
      {
        name: "Count",
        kind: "number nowrap",
        cell: (row) => (row.error > 0 ? `≤ ${whole(row.count)}` : whole(row.count)),
      },
    ],
    { empty: "No keys yet.", wide: false },
  );
}

function shownKey(row) {
  const text = h("code", {}, row.key === "" ? "one counter for all" : row.key);
  return row.entries ? h("a", { href: inspectorLink(row) }, text) : text;
}

/** Where the inspector shows the limits of a descriptor. */
export function inspectorLink({ domain, entries }) {
  const query = new URLSearchParams({ domain });
  for (const { key, value } of entries) {
    query.append("key", key);
    query.append("value", value);
  }
  return `#/keys?${query}`;
}
