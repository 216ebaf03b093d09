// SPDX-License-Identifier: Apache-2.0
// The inspector: what the limits say of one descriptor, and changing what they counted.

import { api, part } from "../lib/api.js";
import { fill, h, icon, say } from "../lib/dom.js";
import { clock } from "../lib/format.js";
import { may } from "../lib/session.js";
import { ask, button, card, field, load, pageHead, pill, problem, segments, toast } from "../lib/ui.js";
import { limitTable } from "./limits.js";
import { topTable } from "./topkeys.js";

const REFRESH_MILLIS = 2_000;
const MOST_ENTRIES = 32;
const TOP = 50;

export function showKeys(place, parameters, signal) {
  const found = h("div", { class: "stack", id: "inspected" });
  const form = descriptorForm(parameters, (descriptor) => inspect(found, descriptor, signal));
  fill(
    place,
    pageHead("Keys"),
    h(
      "div",
      { class: "stack" },
      card("Whose limits?", {}, h("div", { class: "card-body" }, form.element)),
      found,
      topKeys(signal),
    ),
  );
  domains(form.domains, signal);
  if (form.given()) {
    withTier(form, signal).then(() => inspect(found, form.descriptor(), signal));
  }
}

/** A user's limits may be those of a tier, which a counter's key does not tell. */
async function withTier(form, signal) {
  const { entries } = form.descriptor();
  const user = entries.find((entry) => entry.key === "user");
  if (user && !entries.some((entry) => entry.key === "tier")) {
    try {
      const { tier } = await api(`users/${part(user.value)}`, { signal });
      form.add("tier", tier);
    } catch {
      // Not every value of that name is a user that the server knows.
    }
  }
}

/** The domains of the policies in force, to choose from. */
async function domains(list, signal) {
  try {
    const { text } = await api("policies", { signal });
    const names = new Set([...text.matchAll(/\bdomain:\s*"?([\w.-]+)/g)].map((match) => match[1]));
    fill(list, [...names].map((name) => h("option", { value: name })));
  } catch {
    // Typed names do as well.
  }
}

function descriptorForm(parameters, look) {
  const list = h("datalist", { id: "domains" });
  const domain = h("input", {
    name: "domain",
    required: true,
    maxLength: 200,
    value: parameters.get("domain") ?? "",
    spellcheck: false,
    autocapitalize: "off",
    autocomplete: "off",
  });
  domain.setAttribute("list", list.id);
  const rows = h("div", { class: "fields" });
  const addRow = (key, value) => {
    const row = entryRow(key, value, () => {
      row.remove();
      (rows.querySelector("input") ?? domain).focus();
      add.disabled = false;
    });
    rows.append(row);
    add.disabled = rows.children.length >= MOST_ENTRIES;
    return row;
  };
  const add = button([icon("plus"), "Add an entry"], () => addRow("", "").querySelector("input").focus(), {
    kind: "quiet",
  });
  const keys = parameters.getAll("key");
  const values = parameters.getAll("value");
  if (keys.length === 0) {
    addRow("user", "");
  }
  keys.forEach((key, index) => addRow(key, values[index] ?? ""));
  const descriptor = () => ({
    domain: domain.value,
    entries: [...rows.children].map((row) => {
      const [key, value] = row.querySelectorAll("input");
      return { key: key.value, value: value.value };
    }),
  });
  const element = h(
    "form",
    { class: "fields narrow", autocomplete: "off" },
    list,
    field("Domain", domain),
    h("div", { role: "group", "aria-label": "Entries" }, rows),
    h(
      "div",
      { class: "row" },
      h("button", { type: "submit", class: "primary" }, "Look"),
      add,
      h("span", { class: "hint" }, "Looking charges nothing."),
    ),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    look(descriptor());
  });
  return { element, descriptor, add: addRow, domains: list, given: () => keys.length > 0 };
}

function entryRow(key, value, remove) {
  const text = (name, content) =>
    h("input", {
      name,
      value: content,
      required: true,
      maxLength: 2_000,
      spellcheck: false,
      autocapitalize: "off",
    });
  return h(
    "div",
    { class: "entry" },
    field("Entry", text("key", key)),
    field("Value", text("value", value)),
    button([icon("close")], remove, { kind: "square", label: "Remove this entry" }),
  );
}

let watched = new AbortController();

function inspect(place, descriptor, signal) {
  watched.abort();
  watched = new AbortController();
  const current = AbortSignal.any([signal, watched.signal]);
  const verdict = h("span", { class: "row" });
  const updated = h("span", { class: "hint" });
  const limits = limitTable("The limits of this descriptor");
  const wrong = h("div");
  const show = (answer) => {
    fill(
      verdict,
      pill(answer.allowed ? "would be allowed" : "would be denied", answer.allowed ? "good" : "bad"),
      pill(answer.reason.replaceAll("_", " ")),
    );
    limits.show(answer.limits);
    fill(wrong);
    say(updated, `as of ${clock(Date.now())}`);
  };
  const peek = async () => {
    try {
      show(await api("counters/peek", { method: "POST", body: descriptor, signal: current }));
    } catch (error) {
      if (!current.aborted) {
        fill(wrong, problem(error));
      }
    }
  };
  const actions = may("operator")
    ? [
        button("Grant…", () => grant(descriptor, show)),
        button("Reset…", () => reset(descriptor, show), { kind: "bad" }),
      ]
    : [];
  fill(
    place,
    card(
      named(descriptor),
      { head: [verdict, h("span", { class: "push row" }, updated, actions)] },
      wrong,
      limits.element,
    ),
  );
  peek();
  const timer = setInterval(() => document.hidden || peek(), REFRESH_MILLIS);
  current.addEventListener("abort", () => clearInterval(timer));
}

/** A descriptor as text. */
function named({ domain, entries }) {
  return `${domain} · ${entries.map(({ key, value }) => `${key}=${value}`).join(", ")}`;
}

function reset(descriptor, show) {
  const reason = h("input", { name: "reason", maxLength: 500 });
  ask("Reset these counters?", {
    text: [
      h("p", { class: "mono" }, named(descriptor)),
      h("p", {}, "Every limit of it is then as if it had never been used."),
    ],
    fields: [field("Reason", reason, "For the audit trail.")],
    confirm: "Reset",
    danger: true,
    action: async () => {
      const body = { ...descriptor, reason: reason.value };
      show(await api("counters/reset", { method: "POST", body }));
      toast(`Reset: ${named(descriptor)}`);
    },
  });
}

function grant(descriptor, show) {
  const amount = h("input", {
    name: "amount",
    type: "number",
    min: 1,
    step: 1,
    value: 10,
    required: true,
  });
  const reason = h("input", { name: "reason", maxLength: 500 });
  ask("Grant permits?", {
    text: [
      h("p", { class: "mono" }, named(descriptor)),
      h("p", {}, "Each limit gets so many back, up to what it can hold."),
    ],
    fields: [field("Permits", amount), field("Reason", reason, "For the audit trail.")],
    confirm: "Grant",
    action: async () => {
      const body = { ...descriptor, amount: Number(amount.value), reason: reason.value };
      show(await api("counters/grant", { method: "POST", body }));
      toast(`Granted ${amount.value}: ${named(descriptor)}`);
    },
  });
}

function topKeys(signal) {
  const rows = topTable("Keys of the last minutes");
  const refresh = (by) =>
    load(rows.element, async () => {
      const { keys } = await api("top-keys", { query: { by, max: TOP }, signal });
      rows.show(keys);
    });
  refresh("denied");
  return card(
    "Top keys",
    {
      head: [
        h("span", { class: "hint" }, "this instance, last 5 to 10 min"),
        h(
          "div",
          { class: "push" },
          segments(
            "Which keys",
            [
              ["denied", "Most denied"],
              ["used", "Most used"],
            ],
            "denied",
            refresh,
          ),
        ),
      ],
    },
    rows.element,
  );
}
