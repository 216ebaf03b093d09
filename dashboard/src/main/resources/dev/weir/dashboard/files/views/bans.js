// SPDX-License-Identifier: Apache-2.0
// Addresses and networks whose requests are refused.

import { api, part } from "../lib/api.js";
import { fill, h, icon } from "../lib/dom.js";
import { duration, moment } from "../lib/format.js";
import { may } from "../lib/session.js";
import { ask, button, card, field, load, pageHead, select, table, toast } from "../lib/ui.js";

const PAGE = 100;
const LENGTHS = [
  ["3600", "an hour"],
  ["900", "15 minutes"],
  ["86400", "a day"],
  ["604800", "a week"],
  ["2592000", "30 days"],
  ["", "until it is lifted"],
];

export function showBans(place, parameters, signal) {
  const rows = table(
    "Bans",
    [
      { name: "Network", head: true, kind: "text", cell: (ban) => h("code", {}, ban.network) },
      { name: "Reason", kind: "text", cell: (ban) => ban.reason },
      { name: "By", kind: "text", cell: (ban) => ban.author },
      { name: "Since", kind: "nowrap", cell: (ban) => moment(ban.since) },
      {
        name: "Ends",
        kind: "nowrap",
        cell: (ban) => (ban.until ? `in ${duration(Date.parse(ban.until) - Date.now())}` : "when lifted"),
      },
      {
        name: "Actions",
        hidden: true,
        kind: "actions",
        cell: (ban) =>
          may("operator")
            ? button("Lift…", () => lift(ban, restart), { kind: "small", label: `Lift ${ban.network}` })
            : null,
      },
    ],
    { empty: "Nobody is banned." },
  );
  const content = h("div", {}, rows.element);
  const more = button("Show more", () => fetchMore());
  const foot = h("div", { class: "card-foot", hidden: true }, more);
  let next = "";
  const fetchMore = () =>
    load(content, async () => {
      const answer = await api("bans", { query: { after: next, max: PAGE }, signal });
      fill(content, rows.element);
      (next === "" ? rows.show : rows.add)(answer.bans);
      next = answer.next ?? "";
      foot.hidden = next === "";
    });
  const restart = () => {
    next = "";
    fetchMore();
  };
  fill(
    place,
    pageHead(
      "Bans",
      may("operator")
        ? h("div", { class: "push" }, button([icon("plus"), "Ban"], () => ban(restart), { kind: "primary" }))
        : null,
    ),
    h("p", { class: "lead" }, "Requests from these addresses are refused before anything else, with a good API key too."),
    card("In force", {}, content, foot),
  );
  fetchMore();
}

function ban(done) {
  const network = h("input", {
    name: "network",
    required: true,
    maxLength: 100,
    placeholder: "203.0.113.7 or 203.0.113.0/24",
    spellcheck: false,
    autocapitalize: "off",
  });
  const length = select("length", LENGTHS, "3600");
  const reason = h("input", { name: "reason", required: true, maxLength: 500 });
  ask("Ban an address or network", {
    fields: [
      field("Network", network, "IPv4 or IPv6, with /bits for a network."),
      field("For", length),
      field("Reason", reason),
    ],
    confirm: "Ban",
    danger: true,
    action: async () => {
      const body = { network: network.value.trim(), reason: reason.value };
      if (length.value !== "") {
        body.durationSeconds = Number(length.value);
      }
      const made = await api("bans", { method: "POST", body });
      toast(`Banned ${made.network}`);
      done();
    },
  });
}

function lift(ban, done) {
  ask(`Lift the ban of ${ban.network}?`, {
    text: `It was banned by ${ban.author}: ${ban.reason}`,
    confirm: "Lift ban",
    action: async () => {
      await api(`bans/${part(ban.network)}`, { method: "DELETE" });
      toast(`Lifted the ban of ${ban.network}`);
      done();
    },
  });
}
