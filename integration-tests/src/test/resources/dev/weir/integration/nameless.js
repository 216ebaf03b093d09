// SPDX-License-Identifier: Apache-2.0
// The controls that nothing names, for whoever does not see them.
() =>
  [...document.querySelectorAll("button, a, input, select, textarea, progress, canvas, summary")]
    .filter((each) => each.checkVisibility())
    .filter(
      (each) =>
        !each.getAttribute("aria-label") &&
        !(each.labels && each.labels.length > 0) &&
        each.textContent.trim() === "",
    )
    .map((each) => each.outerHTML.slice(0, 120))
