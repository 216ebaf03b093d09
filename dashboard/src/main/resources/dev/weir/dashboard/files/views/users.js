// SPDX-License-Identifier: Apache-2.0
// Users, their tiers and their API keys.

import { api, part } from "../lib/api.js";
import { fill, h, icon } from "../lib/dom.js";
import { counted, moment } from "../lib/format.js";
import { may } from "../lib/session.js";
import { ask, button, card, field, load, pageHead, pill, select, table, toast } from "../lib/ui.js";
import { keyCard } from "./apikeys.js";
import { limitTable } from "./limits.js";

const PAGE = 100;

export function showUsers(place, parameters, signal) {
  const id = parameters.get("id");
  if (id) {
    showUser(place, id, signal);
  } else {
    showAll(place, signal);
  }
}

function userLink(id) {
  return `#/users?${new URLSearchParams({ id })}`;
}

async function tierNames(signal) {
  const { tiers } = await api("tiers", { signal });
  return tiers.map((tier) => tier.name);
}

function showAll(place, signal) {
  const rows = table(
    "Users",
    [
      {
        name: "User",
        head: true,
        kind: "text",
        cell: (user) => h("a", { href: userLink(user.id) }, user.id),
      },
      { name: "Tier", kind: "text", cell: (user) => pill(user.tier, "accent") },
      { name: "Tenant", kind: "text", cell: (user) => user.tenant ?? "–" },
      {
        name: "Made",
        kind: "nowrap",
        cell: (user) => (user.configured ? "in a file" : moment(user.createdAt)),
      },
    ],
    { empty: "No users. Whoever has an API key is a user." },
  );
  const total = h("span", { class: "hint" });
  const more = button("Show more", () => fetchMore());
  const tiers = select("tier", [["", "All tiers"]], "");
  tiers.setAttribute("aria-label", "Tier");
  let next = "";
  const fetchMore = () =>
    load(rows.element, async () => {
      const query = { after: next, max: PAGE, tier: tiers.value };
      const answer = await api("users", { query, signal });
      (next === "" ? rows.show : rows.add)(answer.users);
      next = answer.next ?? "";
      more.parentElement.hidden = next === "";
      total.textContent = counted(answer.total, "user");
    });
  const restart = () => {
    next = "";
    fetchMore();
  };
  tiers.addEventListener("change", restart);
  const find = h("input", {
    type: "search",
    name: "find",
    placeholder: "Id of a user",
    "aria-label": "Id of a user",
    spellcheck: false,
  });
  const search = h("form", { class: "row search", role: "search" }, find, h("button", { type: "submit" }, "Open"));
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    if (find.value !== "") {
      location.hash = userLink(find.value);
    }
  });
  fill(
    place,
    pageHead(
      "Users",
      h(
        "div",
        { class: "push row" },
        may("admin")
          ? button([icon("plus"), "New user"], () => createUser(signal), { kind: "primary" })
          : null,
      ),
    ),
    card(
      "All users",
      { head: [total, h("div", { class: "push row" }, search, h("div", { class: "fit" }, tiers))] },
      rows.element,
      h("div", { class: "card-foot", hidden: true }, more),
    ),
  );
  fetchMore();
  tierNames(signal)
    .then((names) => tiers.append(...names.map((name) => h("option", { value: name }, name))))
    .catch(() => {});
}

function tierField(names, value) {
  const list = h("datalist", { id: "tiers" }, names.map((name) => h("option", { value: name })));
  const tier = h("input", { name: "tier", required: true, maxLength: 200, value, spellcheck: false });
  tier.setAttribute("list", "tiers");
  return { tier, element: [field("Tier", tier, names.length > 0 ? `Known: ${names.join(", ")}` : ""), list] };
}

async function createUser(signal) {
  const names = await tierNames(signal).catch(() => []);
  const id = h("input", { name: "id", required: true, maxLength: 200, spellcheck: false });
  const { tier, element } = tierField(names, names[0] ?? "");
  const tenant = h("input", { name: "tenant", maxLength: 200, spellcheck: false });
  ask("New user", {
    fields: [field("Id", id), element, field("Tenant", tenant, "May stay empty.")],
    confirm: "Make user",
    action: async () => {
      const body = { id: id.value, tier: tier.value };
      if (tenant.value !== "") {
        body.tenant = tenant.value;
      }
      const user = await api("users", { method: "POST", body });
      toast(`Made user ${user.id}`);
      location.hash = userLink(user.id);
    },
  });
}

function showUser(place, id, signal) {
  const about = h("div");
  const limits = limitTable("The limits of this user");
  const keys = keyCard(id, signal);
  const head = h("div", { class: "push row" });
  const refresh = () =>
    load(about, async () => {
      const user = await api(`users/${part(id)}`, { signal });
      fill(about, userFacts(user));
      limits.show(user.limits);
      fill(head, userActions(user, refresh, signal));
    });
  fill(
    place,
    pageHead(id, pill("user"), head),
    h(
      "div",
      { class: "stack" },
      h("p", {}, h("a", { href: "#/users" }, "All users")),
      card("About", {}, h("div", { class: "card-body" }, about)),
      card("Limits", { head: [h("span", { class: "hint" }, "those that count by user")] }, limits.element),
      keys.element,
    ),
  );
  refresh();
}

function userFacts(user) {
  return h(
    "dl",
    { class: "facts" },
    h("dt", {}, "Tier"),
    h("dd", {}, pill(user.tier, "accent")),
    h("dt", {}, "Tenant"),
    h("dd", {}, user.tenant ?? "–"),
    h("dt", {}, "Made"),
    h("dd", {}, user.configured ? "in a file, and is changed there" : moment(user.createdAt)),
  );
}

function userActions(user, refresh, signal) {
  if (!may("admin") || user.configured) {
    return [];
  }
  return [
    button("Change tier…", () => changeTier(user, refresh, signal)),
    button("Delete…", () => deleteUser(user), { kind: "quiet bad" }),
  ];
}

async function changeTier(user, refresh, signal) {
  const { tier, element } = tierField(await tierNames(signal).catch(() => []), user.tier);
  ask(`Change the tier of ${user.id}`, {
    text: "Its limits hold from the next request on; what is spent stays spent.",
    fields: [element],
    confirm: "Change tier",
    action: async () => {
      await api(`users/${part(user.id)}`, { method: "PATCH", body: { tier: tier.value } });
      toast(`${user.id} has tier ${tier.value}`);
      refresh();
    },
  });
}

function deleteUser(user) {
  ask(`Delete ${user.id}?`, {
    text: `${counted(user.keys, "API key")} of this user will no longer be good.`,
    confirm: "Delete user",
    danger: true,
    action: async () => {
      await api(`users/${part(user.id)}`, { method: "DELETE" });
      toast(`Deleted user ${user.id}`);
      location.hash = "#/users";
    },
  });
}
