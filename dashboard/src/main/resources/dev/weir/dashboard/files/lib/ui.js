// SPDX-License-Identifier: Apache-2.0
// The parts that every page is made of.

import { fill, h, icon, say, uniqueId } from "./dom.js";

const TOAST_MILLIS = 6_000;

export function button(text, action, { kind = "", label, disabled, name } = {}) {
  return h(
    "button",
    {
      type: "button",
      class: kind,
      "aria-label": label,
      disabled,
      title: name,
      on: { click: action },
    },
    text,
  );
}

export function pill(text, tone = "") {
  return h("span", { class: `pill ${tone}`.trim() }, text);
}

export function dot(tone) {
  return h("span", { class: `dot ${tone}`, "aria-hidden": "true" });
}

/** A message that stays; `bad` is read out at once. */
export function note(tone, ...content) {
  const drawing = { bad: "alert", warn: "alert", good: "done" }[tone] ?? "info";
  return h(
    "div",
    { class: `note ${tone}`, role: tone === "bad" ? "alert" : undefined },
    icon(drawing),
    h("div", {}, content),
  );
}

/** A message that goes by itself. */
export function toast(text, tone = "good") {
  const shown = note(tone === "bad" ? "warn" : tone, text);
  const toasts = document.getElementById("toasts");
  toasts.append(shown);
  while (toasts.children.length > 4) {
    toasts.firstChild.remove();
  }
  setTimeout(() => shown.remove(), TOAST_MILLIS);
}

export function announce(text) {
  say(document.getElementById("announcer"), text);
}

/** A card; `head` are things beside its title. */
export function card(title, { head = [], level = "h2" } = {}, ...body) {
  const id = uniqueId("card");
  return h(
    "section",
    { class: "card", "aria-labelledby": id },
    h("div", { class: "card-head" }, h(level, { id }, title), head),
    body,
  );
}

export function pageHead(title, ...extra) {
  return h("div", { class: "page-head" }, h("h1", { tabIndex: -1 }, title), extra);
}

/**
 * A table. Columns have a `name`, and `cell(row)`, which answers text or an element; `kind` is a class, and
 * `head` makes the cell a heading of its row. `empty` is shown where there are no rows. A `wide` one is
 * blocks and no columns on a phone.
 */
export function table(caption, columns, { empty = "Nothing here.", wide = true } = {}) {
  const body = h("tbody");
  const element = h(
    "table",
    {},
    h("caption", { class: "visually-hidden" }, caption),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        columns.map((column) =>
          h(
            "th",
            { scope: "col", class: column.kind },
            column.hidden ? h("span", { class: "visually-hidden" }, column.name) : column.name,
          ),
        ),
      ),
    ),
    body,
  );
  const nothing = h("p", { class: "empty" }, empty);
  const scroll = h("div", { class: wide ? "scroll rows" : "scroll" }, element);
  const whole = h("div", {}, scroll, nothing);
  const show = (rows) => {
    scroll.hidden = rows.length === 0;
    nothing.hidden = rows.length > 0;
    fill(body, rows.map((row) => tableRow(columns, row)));
  };
  const add = (rows) => {
    body.append(...rows.map((row) => tableRow(columns, row)));
    scroll.hidden = body.children.length === 0;
    nothing.hidden = body.children.length > 0;
  };
  show([]);
  return { element: whole, show, add };
}

function tableRow(columns, row) {
  return h(
    "tr",
    {},
    columns.map((column) => {
      const label = column.hidden ? undefined : column.name;
      return column.head
        ? h("th", { scope: "row", class: column.kind, "data-label": label }, wrapped(column, row))
        : h("td", { class: column.kind, "data-label": label }, wrapped(column, row));
    }),
  );
}

/** What a cell holds, as one thing: on a phone it stands beside the name of its column. */
function wrapped(column, row) {
  return h("div", {}, column.cell(row));
}

/** A label and its control. */
export function field(label, control, hint = "") {
  const id = control.id || uniqueId("field");
  control.id = id;
  const explained = hint === "" ? null : h("span", { class: "hint", id: `${id}-hint` }, hint);
  if (explained) {
    control.setAttribute("aria-describedby", explained.id);
  }
  return h("div", { class: "field" }, h("label", { for: id }, label), control, explained);
}

export function select(name, options, value) {
  const control = h(
    "select",
    { name },
    options.map(([id, text]) => h("option", { value: id }, text)),
  );
  if (value !== undefined) {
    control.value = value;
  }
  return control;
}

/** Two or three choices side by side. */
export function segments(label, options, value, chosen) {
  const group = h("div", { class: "segments", role: "group", "aria-label": label });
  const show = (id) => {
    for (const each of group.children) {
      each.setAttribute("aria-pressed", String(each.dataset.value === id));
    }
  };
  for (const [id, text] of options) {
    const choice = h("button", { type: "button" }, text);
    choice.dataset.value = id;
    choice.addEventListener("click", () => {
      show(id);
      chosen(id);
    });
    group.append(choice);
  }
  show(value);
  return group;
}

export function copyButton(text) {
  const label = h("span", {}, "Copy");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      say(label, "Copied");
      announce("Copied");
    } catch {
      say(label, "Copy by hand");
    }
    setTimeout(() => say(label, "Copy"), 2_000);
  };
  return button([icon("copy"), label], copy);
}

function openDialog(title, content, { wide = false } = {}) {
  const id = uniqueId("dialog");
  const dialog = h(
    "dialog",
    { class: wide ? "wide" : "", "aria-labelledby": id },
    h("div", { class: "dialog-body" }, h("h2", { id }, title), content),
  );
  // The browser gives the focus back to whatever opened it, unless that is gone by then.
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === document.body) {
      document.querySelector("main")?.focus();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** Shows something to read. */
export function showDialog(title, content, { wide = false, close = "Close" } = {}) {
  const done = button(close, () => dialog.close(), { kind: "primary" });
  const dialog = openDialog(title, [content, h("div", { class: "row end" }, done)], { wide });
  done.focus();
  return dialog;
}

/**
 * Asks, and does it when that is confirmed. `fields` are elements that are shown above the buttons.
 * `action` may throw: the dialog then stays and tells why.
 */
export function ask(title, { text = "", fields = [], confirm, danger = false, wide = false, action }) {
  const wrong = h("div");
  const go = h("button", { type: "submit", class: danger ? "danger" : "primary" }, confirm);
  const cancel = button("Cancel", () => dialog.close());
  const form = h(
    "form",
    { class: "fields", noValidate: false, autocomplete: "off" },
    text === "" ? null : h("div", { class: "break" }, text),
    fields,
    wrong,
    h("div", { class: "row end" }, cancel, go),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    fill(wrong);
    try {
      await action();
      dialog.close();
    } catch (error) {
      fill(wrong, problem(error));
      go.disabled = false;
    }
  });
  const dialog = openDialog(title, form, { wide });
  (form.querySelector("input, select, textarea") ?? (danger ? cancel : go)).focus();
  return dialog;
}

/** What is wrong, to be read out at once. */
export function problem(error) {
  const problems = error.body?.problems;
  return note(
    "bad",
    h("p", {}, error.message),
    Array.isArray(problems) && problems.length > 0
      ? h("ul", {}, problems.slice(0, 20).map((each) => h("li", {}, String(each))))
      : null,
  );
}

/** Fills a place with what is loaded, or with what is wrong. */
export async function load(place, work) {
  place.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    if (error.name !== "AbortError") {
      fill(place, problem(error));
    }
  } finally {
    place.removeAttribute("aria-busy");
  }
}
