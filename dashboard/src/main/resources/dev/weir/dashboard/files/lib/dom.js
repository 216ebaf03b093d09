// SPDX-License-Identifier: Apache-2.0
// Elements from data. Text becomes text nodes and never markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Of the properties, `class` and `for` and all with a dash are attributes, `on` maps
 * events to listeners, `style` maps custom or other properties to values, the others are set as
 * they are; `undefined` and `null` are left out.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) {
      continue;
    }
    if (name === "class" || name === "for" || name === "role" || name.includes("-")) {
      element.setAttribute(name, value);
    } else if (name === "on") {
      for (const [event, listener] of Object.entries(value)) {
        element.addEventListener(event, listener);
      }
    } else if (name === "style") {
      for (const [key, each] of Object.entries(value)) {
        element.style.setProperty(key, each);
      }
    } else {
      element[name] = value;
    }
  }
  element.append(...flat(children));
  return element;
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Sets text only where it differs, so that nothing is announced or laid out in vain. */
export function say(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

let count = 0;

/** An id that no other element has. */
export function uniqueId(prefix) {
  count += 1;
  return `${prefix}-${count}`;
}

const PATHS = {
  overview: ["M4 19V5", "M4 19h16", "M8 15l3.500-4 3 2.500L19 8"],
  keys: ["M10.500 10.500m-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0", "M15 15l5 5"],
  policies: ["M6 3h8l4 4v14H6z", "M14 3v4h4", "M9 12h6", "M9 16h6"],
  users: ["M9 8m-3.500 0a3.500 3.500 0 1 0 7 0a3.500 3.500 0 1 0-7 0", "M3 20c0-3.500 2.700-5.500 6-5.500s6 2 6 5.500", "M16 5a3.500 3.500 0 0 1 0 6.500", "M18 15c2 .8 3 2.600 3 5"],
  state: ["M4 14a8 8 0 1 1 16 0", "M12 14l4-4", "M4 18h16"],
  bans: ["M12 12m-8.500 0a8.500 8.500 0 1 0 17 0a8.500 8.500 0 1 0-17 0", "M6 18L18 6"],
  audit: ["M12 7v5l3.500 2", "M12 12m-8.500 0a8.500 8.500 0 1 0 17 0a8.500 8.500 0 1 0-17 0"],
  health: ["M3 12h4l2.500-6 4.500 12 2.500-6H21"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  plus: ["M12 5v14", "M5 12h14"],
  theme: ["M12 12m-8.500 0a8.500 8.500 0 1 0 17 0a8.500 8.500 0 1 0-17 0", "M12 3.500v17a8.500 8.500 0 0 0 0-17z"],
  copy: ["M9 9h11v11H9z", "M15 9V4H4v11h5"],
  done: ["M5 12.500l4.500 4.500L19 7.500"],
  info: ["M12 12m-8.500 0a8.500 8.500 0 1 0 17 0a8.500 8.500 0 1 0-17 0", "M12 11v5", "M12 8v.010"],
  alert: ["M12 4L2.500 20h19z", "M12 10v4.500", "M12 17v.010"],
};

/** A drawing beside a text that says the same. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const d of PATHS[name]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/** The mark of the product and its name. */
export function brand() {
  const image = h("img", { src: "icon.svg", alt: "", width: 26, height: 26 });
  return h("span", { class: "brand" }, image, "Weir");
}
