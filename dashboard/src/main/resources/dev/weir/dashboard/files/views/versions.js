// SPDX-License-Identifier: Apache-2.0
// The versions of the policies: looking at one, comparing, going back.

import { api, ApiError, part } from "../lib/api.js";
import { codeBlock, diffView } from "../lib/code.js";
import { fill, h } from "../lib/dom.js";
import { moment } from "../lib/format.js";
import { may } from "../lib/session.js";
import { ask, button, card, field, load, pill, problem, segments, showDialog, table, toast } from "../lib/ui.js";

/** The history; `base` is the version in force, `changed` is called after a roll back. */
export function versionCard(base, changed, signal) {
  const rows = table("Versions", [
    {
      name: "Version",
      head: true,
      kind: "nowrap",
      cell: (row) => [
        row.version === 0 ? "0, the files" : String(row.version),
        " ",
        row.version === base.version ? pill("in force", "good") : null,
      ],
    },
    { name: "When", kind: "nowrap", cell: (row) => (row.at ? moment(row.at) : "–") },
    { name: "By", kind: "text", cell: (row) => row.author ?? "–" },
    { name: "Reason", kind: "text", cell: (row) => row.reason || "–" },
    {
      name: "Actions",
      hidden: true,
      kind: "actions",
      cell: (row) => [
        button("View", () => view(row, base, signal), {
          kind: "small",
          label: `View version ${row.version}`,
        }),
        may("admin") && row.version !== base.version
          ? button("Roll back…", () => rollBack(row, base, changed, signal), {
              kind: "small",
              label: `Roll back to version ${row.version}`,
            })
          : null,
      ],
    },
  ]);
  const place = h("div", {}, rows.element);
  load(place, async () => {
    const { versions } = await api("policies/versions", { signal });
    const sorted = [...versions].sort((one, other) => other.version - one.version);
    rows.show([...sorted, { version: 0 }]);
  });
  return card("Version history", {}, place);
}

function textOf(version, signal) {
  return api(`policies/versions/${part(version)}`, { signal }).then((answer) => answer.text);
}

async function view(row, base, signal) {
  const place = h("div");
  const choice = h("div");
  showDialog(`Version ${row.version}`, [choice, place], { wide: true });
  try {
    const text = await textOf(row.version, signal);
    const show = (what) =>
      fill(
        place,
        what === "text"
          ? codeBlock(`Version ${row.version}`, text)
          : diffView(`From version ${row.version} to the one in force`, text, base.text),
      );
    fill(
      choice,
      segments(
        "What to show",
        [
          ["text", "Text"],
          ["diff", "What changed since"],
        ],
        "text",
        show,
      ),
    );
    show("text");
  } catch (error) {
    fill(place, problem(error));
  }
}

async function rollBack(row, base, changed, signal) {
  const difference = h("div", {}, h("p", { class: "muted" }, "Loading…"));
  const reason = h("input", { name: "reason", maxLength: 500 });
  ask(`Roll back to version ${row.version}?`, {
    wide: true,
    text:
      row.version === 0
        ? "What the files say comes into force on every instance."
        : "Its text comes into force on every instance, as a version of its own.",
    fields: [difference, field("Reason", reason, "For the version history and the audit trail.")],
    confirm: "Roll back",
    danger: true,
    action: async () => {
      const body = { version: row.version, expectedVersion: base.version, reason: reason.value };
      try {
        const made = await api("policies/rollback", { method: "POST", body });
        toast(
          made.version === 0
            ? "What the files say is in force"
            : `Version ${made.version} is in force, as version ${row.version} was`,
        );
        changed();
      } catch (error) {
        throw error.status === 409
          ? new ApiError(409, "Nothing was changed: another version came into force meanwhile. Close this and look at it first.")
          : error;
      }
    },
  });
  try {
    const text = await textOf(row.version, signal);
    fill(difference, diffView("Difference to the version in force", base.text, text));
  } catch (error) {
    fill(difference, problem(error));
  }
}
