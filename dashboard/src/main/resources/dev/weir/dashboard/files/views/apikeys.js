// SPDX-License-Identifier: Apache-2.0
// The API keys of a user. A key is in the answer that makes it and nowhere else.

import { api, part } from "../lib/api.js";
import { fill, h, icon } from "../lib/dom.js";
import { moment } from "../lib/format.js";
import { may } from "../lib/session.js";
import { ask, button, card, copyButton, field, load, note, pill, select, showDialog, table, toast } from "../lib/ui.js";

const OVERLAPS = [
  ["86400", "a day"],
  ["3600", "an hour"],
  ["604800", "a week"],
  ["0", "not at all: it ends now"],
];

export function keyCard(user, signal) {
  const rows = table(
    "API keys",
    [
      {
        name: "Key",
        head: true,
        kind: "text",
        cell: (key) => h("code", {}, `${key.start}…`),
      },
      { name: "Name", kind: "text", cell: (key) => key.name || "–" },
      { name: "State", cell: state },
      { name: "Scopes", kind: "text", cell: (key) => key.scopes.join(", ") || "–" },
      {
        name: "Made",
        kind: "nowrap",
        cell: (key) => (key.configured ? "in a file" : moment(key.createdAt)),
      },
      { name: "Ends", kind: "nowrap", cell: (key) => (key.expiresAt ? moment(key.expiresAt) : "–") },
      { name: "Actions", hidden: true, kind: "actions", cell: (key) => actions(key, refresh) },
    ],
    { empty: "No API keys." },
  );
  const place = h("div", {}, rows.element);
  const refresh = () =>
    load(place, async () => {
      const { keys } = await api(`users/${part(user)}/keys`, { signal });
      rows.show(keys);
      fill(place, rows.element);
    });
  refresh();
  const create = may("operator")
    ? h(
        "div",
        { class: "push" },
        button([icon("plus"), "New key"], () => createKey(user, refresh), { kind: "small" }),
      )
    : null;
  return { element: card("API keys", { head: [create] }, place) };
}

function state(key) {
  if (key.revokedAt) {
    return pill("revoked", "bad");
  }
  return key.inForce ? pill("good", "good") : pill("ended", "warn");
}

function actions(key, refresh) {
  if (!may("operator") || !key.inForce || key.configured) {
    return null;
  }
  const name = key.name || `${key.start}…`;
  return [
    button("Rotate…", () => rotate(key, refresh), { kind: "small", label: `Rotate ${name}` }),
    button("Revoke…", () => revoke(key, refresh), { kind: "small quiet bad", label: `Revoke ${name}` }),
  ];
}

function createKey(user, refresh) {
  const name = h("input", { name: "name", maxLength: 200, spellcheck: false });
  const scopes = h("input", { name: "scopes", maxLength: 1_000, spellcheck: false });
  const ends = h("input", { name: "ends", type: "datetime-local" });
  ask(`New API key for ${user}`, {
    fields: [
      field("Name", name, "What it is for, such as ci."),
      field("Scopes", scopes, "Separated by commas; may stay empty."),
      field("Ends", ends, "May stay empty: it does not end."),
    ],
    confirm: "Make key",
    action: async () => {
      const body = { name: name.value };
      const listed = scopes.value.split(",").map((scope) => scope.trim()).filter(Boolean);
      if (listed.length > 0) {
        body.scopes = listed;
      }
      if (ends.value !== "") {
        body.expiresAt = new Date(ends.value).toISOString();
      }
      const made = await api(`users/${part(user)}/keys`, { method: "POST", body });
      refresh();
      showOnce("The new API key", made);
    },
  });
}

function rotate(key, refresh) {
  const overlap = select("overlap", OVERLAPS, "86400");
  ask(`Rotate the key ${key.start}…`, {
    text: "Another key takes its place, with the same name and scopes.",
    fields: [field("The old one goes on for", overlap)],
    confirm: "Rotate",
    action: async () => {
      const body = { overlapSeconds: Number(overlap.value) };
      const made = await api(`keys/${part(key.id)}/rotate`, { method: "POST", body });
      refresh();
      showOnce("The key that takes its place", made);
    },
  });
}

function revoke(key, refresh) {
  ask(`Revoke the key ${key.start}…?`, {
    text: `${key.name ? `${key.name}: w` : "W"}hoever uses it is refused within two seconds. It cannot be made good again.`,
    confirm: "Revoke key",
    danger: true,
    action: async () => {
      await api(`keys/${part(key.id)}`, { method: "DELETE" });
      toast(`Revoked ${key.start}…`);
      refresh();
    },
  });
}

/** Shows a key, which leaves the page with the dialog. */
function showOnce(title, made) {
  const text = h("input", { name: "key", readOnly: true, value: made.key, "aria-label": "API key" });
  text.addEventListener("focus", () => text.select());
  const dialog = showDialog(
    title,
    h(
      "div",
      { class: "fields" },
      h("div", { class: "secret" }, text, copyButton(() => text.value)),
      note("warn", "This is the only time it is shown. Only a hash of it is kept."),
    ),
    { close: "I have it" },
  );
  dialog.addEventListener("close", () => {
    text.value = "";
  });
}
