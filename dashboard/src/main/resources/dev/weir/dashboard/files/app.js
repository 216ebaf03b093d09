// SPDX-License-Identifier: Apache-2.0
// The frame around the pages: who is signed in, which page is shown, light or dark.

import { api, hasToken, onSignedOut, useToken } from "./lib/api.js";
import { brand, fill, h, icon, say } from "./lib/dom.js";
import { latest, live, liveStatus, startLive, stopLive } from "./lib/live.js";
import { signedIn, who } from "./lib/session.js";
import { announce, button, dot, pill } from "./lib/ui.js";
import { showAudit } from "./views/audit.js";
import { showBans } from "./views/bans.js";
import { showHealth } from "./views/health.js";
import { showKeys } from "./views/keys.js";
import { showOverview } from "./views/overview.js";
import { forgetDraft, showPolicies } from "./views/policies.js";
import { signIn } from "./views/signin.js";
import { showState } from "./views/state.js";
import { showUsers } from "./views/users.js";

const THEME = "weir.theme";

const PAGES = [
  { path: "overview", title: "Overview", show: showOverview },
  { path: "keys", title: "Keys", show: showKeys },
  { path: "policies", title: "Policies", show: showPolicies },
  { path: "users", title: "Users", show: showUsers },
  { path: "state", title: "Load state", show: showState },
  { path: "bans", title: "Bans", show: showBans },
  { path: "audit", title: "Audit trail", show: showAudit },
  { path: "health", title: "Health", show: showHealth },
];

const app = document.getElementById("app");
let leave = () => {};

/* Light or dark: what the system says, unless somebody chose. */

const dark = matchMedia("(prefers-color-scheme: dark)");

function isDark() {
  const chosen = localStorage.getItem(THEME);
  return chosen ? chosen === "dark" : dark.matches;
}

function showTheme() {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  dispatchEvent(new Event("themechange"));
}

function switchTheme() {
  const next = isDark() ? "light" : "dark";
  localStorage.setItem(THEME, next);
  showTheme();
  announce(`${next} colours`);
}

dark.addEventListener("change", showTheme);
showTheme();

/* Signing in and out. */

async function start() {
  if (!hasToken()) {
    enter("");
    return;
  }
  try {
    signedIn(await api("me", { entering: true }));
    showFrame();
  } catch (error) {
    enter(error.message);
  }
}

function enter(why) {
  leave();
  leave = () => {};
  stopLive();
  forgetDraft();
  useToken("");
  document.title = "Sign in · Weir";
  signIn(app, why, showFrame);
}

function signOut() {
  enter("");
}

onSignedOut((error) => enter(error.message));
live.addEventListener("ended", () => enter("Your token is no longer good."));

/* The frame. */

function showFrame() {
  const me = who();
  const menu = button([icon("menu"), "Menu"], () => {
    const open = frame.classList.toggle("menu-open");
    menu.setAttribute("aria-expanded", String(open));
  });
  menu.setAttribute("aria-expanded", "false");
  menu.setAttribute("aria-controls", "side");
  const frame = h(
    "div",
    { class: "frame" },
    h("div", { class: "topbar" }, brand(), menu),
    h(
      "div",
      { class: "side", id: "side" },
      brand(),
      h(
        "nav",
        { "aria-label": "Pages" },
        h(
          "ul",
          {},
          PAGES.map((page) =>
            h("li", {}, h("a", { href: `#/${page.path}` }, icon(page.path), page.title)),
          ),
        ),
      ),
      h(
        "div",
        { class: "who" },
        h("div", {}, liveIndicator()),
        h("div", { class: "who-name" }, h("span", { title: me.name }, me.name), pill(me.role)),
        h(
          "div",
          { class: "who-actions" },
          button("Sign out", signOut, { kind: "small" }),
          button([icon("theme")], switchTheme, {
            kind: "small",
            label: "Switch between light and dark",
            name: "Light or dark",
          }),
        ),
      ),
    ),
    h("main", { id: "main", tabIndex: -1 }),
  );
  const skip = h("a", { class: "skip", href: "#main" }, "Skip to the page");
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("main").focus();
  });
  fill(app, skip, frame);
  startLive();
  route(false);
}

function liveIndicator() {
  const text = h("span");
  const light = dot("");
  const show = () => {
    const { status, trouble } = liveStatus();
    const event = latest();
    const words =
      status === "live" ? `Live · ${event.instance.name}` : `Not live: ${trouble || "connecting"}`;
    say(text, words);
    light.className = `dot ${status === "live" ? "good" : "warn"}`;
  };
  live.addEventListener("status", show);
  show();
  return h("span", { class: "row hint live-status" }, light, text);
}

function route(moved = true) {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const page = PAGES.find((each) => each.path === path) ?? PAGES[0];
  leave();
  const main = document.getElementById("main");
  if (!main) {
    return;
  }
  document.title = `${page.title} · Weir`;
  for (const link of document.querySelectorAll(".side nav a")) {
    const here = link.getAttribute("href") === `#/${page.path}`;
    link.toggleAttribute("aria-current", here);
    if (here) {
      link.setAttribute("aria-current", "page");
    }
  }
  const frame = document.querySelector(".frame");
  frame.classList.remove("menu-open");
  frame.querySelector(".topbar button").setAttribute("aria-expanded", "false");
  const place = h("div", { class: "page" });
  fill(main, place);
  const stop = new AbortController();
  page.show(place, new URLSearchParams(query), stop.signal);
  leave = () => stop.abort();
  if (moved) {
    scrollTo(0, 0);
    place.querySelector("h1")?.focus();
  }
}

addEventListener("hashchange", () => route());

start();
