// SPDX-License-Identifier: Apache-2.0
// Texts of many lines: with their numbers, their colours, and the difference between two.

import { diffLines } from "./diff.js";
import { fill, h, say } from "./dom.js";
import { counted } from "./format.js";

const LINE_REM = 1.375;
const PADDING_REM = 0.5;
const MOST_COLOURED = 200_000;
const CONTEXT = 3;
const TOKENS =
  /("(?:[^"\\]|\\.)*"?|'[^']*'?)|((?<=^|\s)#.*$)|([A-Za-z_][\w.-]*(?=\s*:(?:\s|$)))|(\b\d+(?:\.\d+)?\b)/g;
const KINDS = ["y-text", "y-comment", "y-key", "y-number"];

/** A line of YAML in colours. */
function coloured(line) {
  const parts = [];
  let from = 0;
  for (const match of line.matchAll(TOKENS)) {
    parts.push(line.slice(from, match.index));
    const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)];
    parts.push(h("span", { class: kind }, match[0]));
    from = match.index + match[0].length;
  }
  parts.push(line.slice(from), "\n");
  return parts;
}

function paint(pre, text) {
  if (text.length > MOST_COLOURED) {
    fill(pre, text, "\n");
  } else {
    fill(pre, text.split("\n").map(coloured));
  }
}

function numbers(gutter, text) {
  const count = text.split("\n").length;
  say(gutter, Array.from({ length: count }, (_, index) => index + 1).join("\n"));
}

/** A text to read. */
export function codeBlock(label, text) {
  const gutter = h("pre", { class: "gutter", "aria-hidden": "true" });
  const pre = h("pre");
  numbers(gutter, text);
  paint(pre, text);
  return h(
    "div",
    { class: "editor", tabIndex: 0, role: "group", "aria-label": label },
    gutter,
    h("div", { class: "code" }, pre),
  );
}

/**
 * A text to change. `changed(text)` is called with each change; `mark(lines)` marks lines that are wrong;
 * `go(line, column)` puts the cursor there.
 */
export function codeEditor(label, text, changed) {
  const gutter = h("pre", { class: "gutter", "aria-hidden": "true" });
  const marks = h("div", { class: "marks", "aria-hidden": "true" });
  const pre = h("pre", { "aria-hidden": "true" });
  const area = h("textarea", {
    value: text,
    spellcheck: false,
    autocapitalize: "off",
    autocomplete: "off",
    wrap: "off",
    "aria-label": label,
  });
  const element = h(
    "div",
    { class: "editor" },
    gutter,
    h("div", { class: "code" }, marks, pre, area),
  );
  const redraw = () => {
    numbers(gutter, area.value);
    paint(pre, area.value);
  };
  area.addEventListener("input", () => {
    redraw();
    changed(area.value);
  });
  redraw();
  return {
    element,
    area,
    set(next) {
      area.value = next;
      redraw();
      changed(next);
    },
    mark(lines) {
      fill(
        marks,
        lines.map((line) =>
          h("span", {
            class: "wrong",
            style: { top: `${PADDING_REM + LINE_REM * (line - 1)}rem` },
          }),
        ),
      );
      area.setAttribute("aria-invalid", String(lines.length > 0));
    },
    go(line, column) {
      const lines = area.value.split("\n");
      const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
      const at = Math.min(area.value.length, before + Math.max(0, column - 1));
      area.focus();
      area.setSelectionRange(at, at);
      const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
      element.scrollTop = Math.max(0, (LINE_REM * (line - 4)) * size);
    },
  };
}

/** How one text became another; long stretches that are the same are left out. */
export function diffView(label, before, after) {
  const lines = diffLines(before, after);
  const added = lines.filter((line) => line.kind === "added").length;
  const removed = lines.filter((line) => line.kind === "removed").length;
  if (added + removed === 0) {
    return h("p", { class: "muted" }, "No line differs.");
  }
  const near = new Set();
  lines.forEach((line, index) => {
    if (line.kind !== "same") {
      for (let i = index - CONTEXT; i <= index + CONTEXT; i += 1) {
        near.add(i);
      }
    }
  });
  const items = [];
  let skipped = 0;
  const skip = () => {
    if (skipped > 0) {
      items.push(h("li", { class: "skipped" }, `${counted(skipped, "line")} the same`));
      skipped = 0;
    }
  };
  lines.forEach((line, index) => {
    if (near.has(index)) {
      skip();
      items.push(diffLine(line));
    } else {
      skipped += 1;
    }
  });
  skip();
  return h(
    "div",
    { class: "fields" },
    h("p", { class: "hint" }, `${counted(added, "line")} added, ${counted(removed, "line")} removed`),
    h(
      "div",
      { class: "diff", tabIndex: 0, role: "group", "aria-label": label },
      h("ol", {}, items),
    ),
  );
}

function diffLine(line) {
  const sign = { same: " ", added: "+", removed: "−" }[line.kind];
  return h(
    "li",
    { class: line.kind },
    h("span", {}, line.old === undefined ? "" : String(line.old)),
    h("span", {}, line.now === undefined ? "" : String(line.now)),
    h("span", {}, sign),
    h("span", {}, line.text),
  );
}
