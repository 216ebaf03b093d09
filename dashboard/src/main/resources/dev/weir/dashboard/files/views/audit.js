// SPDX-License-Identifier: Apache-2.0
// Who changed what, newest first.

import { api } from "../lib/api.js";
import { fill, h, say } from "../lib/dom.js";
import { counted, moment } from "../lib/format.js";
import { button, card, field, load, pageHead, pill, table } from "../lib/ui.js";

const PAGE = 50;
const SEARCHED = 500;
const MOST_SEARCHED = 5_000;

export function showAudit(place, parameters, signal) {
  const rows = table(
    "Changes",
    [
      { name: "No.", kind: "number", cell: (entry) => String(entry.number) },
      { name: "When", kind: "nowrap", cell: (entry) => moment(entry.at) },
      { name: "Who", kind: "text", cell: (entry) => entry.author },
      { name: "Action", head: true, kind: "nowrap", cell: (entry) => pill(entry.action) },
      { name: "Target", kind: "text", cell: (entry) => entry.target },
      { name: "Change", kind: "text long", cell: changed },
    ],
    { empty: "No such change." },
  );
  const wanted = h("input", {
    type: "search",
    name: "filter",
    placeholder: "ban, carla, …",
    spellcheck: false,
  });
  const looked = h("span", { class: "hint", role: "status" });
  const content = h("div", {}, rows.element);
  const older = button("Show older", () => fetchMore());
  const foot = h("div", { class: "card-foot", hidden: true }, older);
  let next;
  let seen = 0;
  let run = 0;
  /* The server pages by number; what is wanted is looked for here, page after page. */
  const fetchMore = () => {
    const mine = ++run;
    const text = wanted.value.trim().toLowerCase();
    return load(content, async () => {
      fill(content, rows.element);
      let found = 0;
      const until = seen + MOST_SEARCHED;
      do {
        const query = { before: next, max: text === "" ? PAGE : SEARCHED };
        const answer = await api("audit", { query, signal });
        if (mine !== run) {
          return;
        }
        const met = answer.entries.filter((entry) => matches(entry, text));
        (seen === 0 ? rows.show : rows.add)(met);
        found += met.length;
        seen += answer.entries.length;
        next = answer.next;
      } while (next !== undefined && found < PAGE && seen < until && text !== "");
      foot.hidden = next === undefined;
      say(looked, text === "" ? "" : `${counted(seen, "change")} looked through`);
    });
  };
  const restart = () => {
    next = undefined;
    seen = 0;
    rows.show([]);
    fetchMore();
  };
  const form = h("form", { class: "row", role: "search" }, field("Only with", wanted), looked);
  let timer;
  wanted.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(restart, 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    restart();
  });
  fill(
    place,
    pageHead("Audit trail"),
    h(
      "div",
      { class: "stack" },
      form,
      card(
        "Changes",
        { head: [h("div", { class: "push" }, button("Refresh", restart, { kind: "small" }))] },
        content,
        foot,
      ),
    ),
  );
  restart();
}

function matches(entry, text) {
  return (
    text === "" ||
    [entry.author, entry.action, entry.target, entry.before, entry.after].some((each) =>
      each.toLowerCase().includes(text),
    )
  );
}

function changed(entry) {
  if (entry.before === "" && entry.after === "") {
    return "–";
  }
  return h(
    "details",
    {},
    h("summary", {}, brief(entry)),
    h(
      "dl",
      { class: "facts" },
      h("dt", {}, "Before"),
      h("dd", { class: "mono" }, entry.before || "–"),
      h("dt", {}, "After"),
      h("dd", { class: "mono" }, entry.after || "–"),
    ),
  );
}

function brief(entry) {
  const text = entry.after || entry.before;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
