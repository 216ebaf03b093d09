// SPDX-License-Identifier: Apache-2.0
// Curves over time, each with its legend and the same as a table.

import { fill, h, say } from "./dom.js";
import { clock } from "./format.js";

const ROWS = 30;

let library;

/** The library is large and only needed where there are charts. */
function loadLibrary() {
  library ??= import("../charts/chart.umd.min.js").then(() => globalThis.Chart);
  return library;
}

/** What a colour of the style sheet is in the theme of now. */
function colour(name) {
  const probe = h("span", { style: { color: `var(${name})`, display: "none" } });
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function faded(rgb, alpha) {
  return rgb.replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
}

/**
 * A chart.
 *
 * @param label what it shows, for whoever does not see it
 * @param format of its values
 * @param stacked whether the areas lie on each other
 * @return element; `show(series, from, to)` where each series has a name, a colour's name and points of x in
 *     milliseconds and y; `destroy()`
 */
export function chart(label, { format, stacked = false }) {
  const canvas = h("canvas", { role: "img", "aria-label": `${label}; the same as a table below` });
  const legend = h("ul", { class: "legend" });
  const head = h("tr");
  const body = h("tbody");
  const details = h(
    "details",
    { class: "as-table" },
    h("summary", {}, "As a table"),
    h(
      "div",
      { class: "scroll", tabIndex: 0, role: "group", "aria-label": label },
      h(
        "table",
        {},
        h("caption", { class: "visually-hidden" }, label),
        h("thead", {}, head),
        body,
      ),
    ),
  );
  const element = h("div", { class: "charted" }, legend, h("div", { class: "chart" }, canvas), details);
  let drawn;
  let last;
  let gone = false;
  const themed = () => {
    if (drawn && last) {
      paint(drawn);
      draw();
    }
  };
  addEventListener("themechange", themed);
  loadLibrary().then((Chart) => {
    if (!gone) {
      drawn = new Chart(canvas, settings(format, stacked));
      paint(drawn);
      draw();
    }
  });

  function draw() {
    if (!drawn || !last) {
      return;
    }
    drawn.data.datasets = last.series.map((each) => dataset(each, stacked));
    drawn.options.scales.x.min = last.from;
    drawn.options.scales.x.max = last.to;
    drawn.update("none");
  }

  function show(series, from, to) {
    last = { series, from, to };
    showLegend(legend, series, format);
    if (details.open) {
      showTable(head, body, series, format);
    }
    if (!document.hidden) {
      draw();
    }
  }

  details.addEventListener("toggle", () => {
    if (details.open && last) {
      showTable(head, body, last.series, format);
    }
  });

  return {
    element,
    show,
    destroy() {
      gone = true;
      removeEventListener("themechange", themed);
      drawn?.destroy();
    },
  };
}

function dataset(series, stacked) {
  const stroke = colour(series.colour);
  return {
    label: series.name,
    data: series.points,
    borderColor: stroke,
    backgroundColor: faded(stroke, stacked ? 0.25 : 0.1),
    fill: stacked ? "stack" : false,
  };
}

function settings(format, stacked) {
  return {
    type: "line",
    data: { datasets: [] },
    options: {
      animation: false,
      parsing: false,
      normalized: true,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      elements: { point: { radius: 0, hoverRadius: 3 }, line: { borderWidth: 1.75, tension: 0.2 } },
      scales: {
        x: {
          type: "linear",
          ticks: { callback: (value) => clock(value), maxTicksLimit: 6, maxRotation: 0, align: "inner" },
          grid: { display: false },
        },
        y: {
          stacked,
          beginAtZero: true,
          suggestedMax: 1,
          border: { display: false },
          ticks: { callback: (value) => format(value), maxTicksLimit: 5 },
        },
      },
      plugins: {
        legend: { display: false },
        tooltip: {
          callbacks: {
            title: (items) => (items.length > 0 ? clock(items[0].parsed.x) : ""),
            label: (item) => `${item.dataset.label}: ${format(item.parsed.y)}`,
          },
        },
      },
    },
  };
}

function paint(drawn) {
  const { x, y } = drawn.options.scales;
  const muted = colour("--muted");
  x.ticks.color = muted;
  y.ticks.color = muted;
  x.border = { color: colour("--line") };
  y.grid = { color: colour("--line") };
  const font = { family: getComputedStyle(document.body).fontFamily, size: 11 };
  x.ticks.font = font;
  y.ticks.font = font;
}

function showLegend(legend, series, format) {
  const names = series.map((each) => each.name).join("\n");
  if (legend.dataset.names !== names) {
    legend.dataset.names = names;
    fill(
      legend,
      series.map((each) =>
        h(
          "li",
          {},
          h("span", { class: "swatch", style: { "--series": `var(${each.colour})` } }),
          h("span", { class: "break" }, each.name),
          h("b"),
        ),
      ),
    );
  }
  series.forEach((each, index) => {
    const newest = each.points.at(-1);
    say(legend.children[index].lastChild, newest ? format(newest.y) : "–");
  });
}

function showTable(head, body, series, format) {
  const times = (series[0]?.points ?? []).slice(-ROWS).reverse();
  fill(
    head,
    h("th", { scope: "col" }, "Time"),
    series.map((each) => h("th", { scope: "col", class: "number" }, each.name)),
  );
  const byTime = series.map((each) => new Map(each.points.map((point) => [point.x, point.y])));
  fill(
    body,
    times.map(({ x }) =>
      h(
        "tr",
        {},
        h("th", { scope: "row" }, clock(x)),
        byTime.map((values) =>
          h("td", { class: "number" }, values.has(x) ? format(values.get(x)) : "–"),
        ),
      ),
    ),
  );
}
