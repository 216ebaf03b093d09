// SPDX-License-Identifier: Apache-2.0
// The policies in force, changing them, and the versions before.

import { api, ApiError, part } from "../lib/api.js";
import { codeBlock, codeEditor, diffView } from "../lib/code.js";
import { fill, h, say } from "../lib/dom.js";
import { counted } from "../lib/format.js";
import { latest, live } from "../lib/live.js";
import { may } from "../lib/session.js";
import { ask, button, card, field, load, note, pageHead, pill, toast } from "../lib/ui.js";
import { versionCard } from "./versions.js";

const VALIDATE_MILLIS = 300;

/* A text that is not saved yet outlives a look at another page, not the tab. */
let draft;

addEventListener("beforeunload", (event) => {
  if (draft && draft.text !== draft.base.text) {
    event.preventDefault();
  }
});

/** Forgets what is not saved. */
export function forgetDraft() {
  draft = undefined;
}

/** The version in force and its text, as it was written where there is such a text. */
export async function inForce(signal) {
  const current = await api("policies", { signal });
  if (current.version === 0) {
    return current;
  }
  const { text } = await api(`policies/versions/${part(current.version)}`, { signal });
  return { ...current, text };
}

export function showPolicies(place, parameters, signal) {
  const content = h("div", { class: "stack" });
  const name = h("span", { class: "row" });
  fill(place, pageHead("Policies", name), content);
  const start = () =>
    load(content, async () => {
      const base = await inForce(signal);
      const history = versionCard(base, start, signal);
      fill(
        name,
        pill(base.version === 0 ? "version 0, from files" : `version ${base.version}`, "accent"),
        base.applied === base.version
          ? null
          : pill(`version ${base.applied} is what this instance can use`, "bad"),
      );
      fill(
        content,
        may("admin") ? editor(base, start, signal) : reader(base, start, signal),
        history,
      );
    });
  start();
}

function reader(base, restart, signal) {
  const changed = h("div");
  watchVersion(base, signal, (version) => {
    fill(changed, note("warn", `Version ${version} is in force now. `, button("Show it", restart, { kind: "small" })));
  });
  return h(
    "div",
    { class: "stack" },
    changed,
    card("In force", {}, codeBlock("Policies in force", base.text)),
  );
}

/** Tells when another version comes into force, wherever that was done. */
function watchVersion(base, signal, changed) {
  let told = base.version;
  live.addEventListener(
    "event",
    () => {
      const version = latest()?.policies.current;
      if (version !== undefined && version !== told) {
        told = version;
        changed(version);
      }
    },
    { signal },
  );
}

function editor(base, restart, signal) {
  if (draft === undefined || draft.text === draft.base.text) {
    draft = { base, text: base.text };
  }
  const conflict = h("div");
  const verdict = h("div", { class: "row", role: "status" });
  const problems = h("ul", { class: "problems" });
  const save = button("Review and save…", () => review(), { kind: "primary" });
  const discard = button("Discard changes", () => text.set(draft.base.text));
  let asked = 0;
  let timer;
  const text = codeEditor("Policies", draft.text, (next) => {
    draft.text = next;
    const same = next === draft.base.text;
    save.disabled = true;
    discard.disabled = same;
    clearTimeout(timer);
    timer = setTimeout(() => validate(next), VALIDATE_MILLIS);
  });
  save.disabled = true;
  discard.disabled = draft.text === draft.base.text;

  async function validate(next) {
    asked += 1;
    const mine = asked;
    try {
      const answer = await api("policies/validate", { method: "POST", body: { text: next }, signal });
      if (mine === asked) {
        show(answer.problems);
        save.disabled = !answer.valid || next === draft.base.text;
      }
    } catch (error) {
      if (mine === asked && !signal.aborted) {
        fill(verdict, pill("not checked", "warn"), error.message);
      }
    }
  }

  function show(found) {
    text.mark([...new Set(found.map((each) => each.line))].filter((line) => line > 0));
    fill(
      verdict,
      found.length === 0 ? pill("valid", "good") : pill(counted(found.length, "problem"), "bad"),
      h("span", { class: "hint" }, draft.text === draft.base.text ? "as it is in force" : "changed, not saved"),
    );
    fill(
      problems,
      found.map((each) =>
        h(
          "li",
          {},
          button(
            [
              h("span", { class: "pill bad" }, `line ${each.line}`),
              h("span", {}, each.path ? `${each.path}: ${each.message}` : each.message),
            ],
            () => text.go(each.line, each.column),
            { kind: "link" },
          ),
        ),
      ),
    );
  }

  function review() {
    const reason = h("input", { name: "reason", maxLength: 500 });
    ask("Put this in force?", {
      wide: true,
      fields: [
        diffView("Difference to the version in force", draft.base.text, draft.text),
        field("Reason", reason, "For the version history and the audit trail."),
      ],
      confirm: "Put in force",
      action: async () => {
        const body = { text: draft.text, expectedVersion: draft.base.version, reason: reason.value };
        try {
          const made = await api("policies", { method: "PUT", body });
          forgetDraft();
          toast(`Version ${made.version} is in force`);
          restart();
        } catch (error) {
          throw error.status === 409 ? await outrun() : error;
        }
      },
    });
  }

  /** Somebody else was faster: nothing is lost, and nothing is overwritten unseen. */
  async function outrun() {
    const current = await inForce(signal);
    tellConflict(current);
    return new ApiError(
      409,
      `Nothing was saved: version ${current.version} came into force after you began with version ${draft.base.version}. Your text is still in the editor; close this and choose what to do with it.`,
    );
  }

  function tellConflict(current) {
    fill(
      conflict,
      note(
        "warn",
        h("p", {}, `Version ${current.version} is in force now; your text was made from version ${draft.base.version}.`),
        h(
          "div",
          { class: "row" },
          button("Take theirs", () => {
            forgetDraft();
            restart();
          }),
          button("Keep my text, to replace theirs", () => {
            draft.base = current;
            fill(conflict);
            text.set(draft.text);
          }),
        ),
        h("details", {}, h("summary", {}, "What they changed"), diffView("What they changed", draft.base.text, current.text)),
      ),
    );
  }

  watchVersion(base, signal, async () => {
    if (draft && draft.text !== draft.base.text) {
      tellConflict(await inForce(signal));
    } else {
      forgetDraft();
      restart();
    }
  });
  if (draft.base.version !== base.version) {
    tellConflict(base);
  }
  signal.addEventListener("abort", () => clearTimeout(timer));
  validate(draft.text);
  say(verdict, "");
  return h(
    "div",
    { class: "stack" },
    conflict,
    card(
      "In force",
      { head: [verdict, h("div", { class: "push row" }, discard, save)] },
      text.element,
      h("div", { class: "card-body problems-place" }, problems),
    ),
  );
}
