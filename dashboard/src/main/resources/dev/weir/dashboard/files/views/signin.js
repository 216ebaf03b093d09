// SPDX-License-Identifier: Apache-2.0
// Who are you?

import { api, useToken } from "../lib/api.js";
import { brand, fill, h } from "../lib/dom.js";
import { signedIn } from "../lib/session.js";
import { field, note, problem } from "../lib/ui.js";

/** Asks for a token until one is good; `done` is called then. `why` tells why it asks. */
export function signIn(place, why, done) {
  const token = h("input", {
    type: "password",
    name: "token",
    required: true,
    maxLength: 1024,
    autocomplete: "current-password",
    spellcheck: false,
    autocapitalize: "off",
  });
  const wrong = h("div");
  const go = h("button", { type: "submit", class: "primary" }, "Sign in");
  const form = h(
    "form",
    {},
    field("Administrator’s token", token),
    wrong,
    go,
    h(
      "p",
      { class: "hint" },
      "The token that the first start printed, or one of the configuration. It stays in this tab until you sign out or close it.",
    ),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    fill(wrong);
    try {
      useToken(token.value.trim());
      signedIn(await api("me", { entering: true }));
      done();
    } catch (error) {
      useToken("");
      fill(wrong, problem(error));
      go.disabled = false;
      token.select();
    }
  });
  if (why) {
    fill(wrong, note("bad", why));
  }
  fill(
    place,
    h("main", { class: "sign-in" }, h("div", { class: "card" }, h("h1", {}, brand()), form)),
  );
  token.focus();
}
