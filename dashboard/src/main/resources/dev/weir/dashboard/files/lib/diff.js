// SPDX-License-Identifier: Apache-2.0
// What differs between two texts, line by line: Myers, "An O(ND) Difference Algorithm" (1986).

const MOST_EDITS = 1_500;

/**
 * Lines of both texts in order, each with `kind` same, removed or added, its `text`, and its numbers in
 * the old and the new one, from 1.
 */
export function diffLines(before, after) {
  const old = before.split("\n");
  const now = after.split("\n");
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) {
    head += 1;
  }
  let tail = 0;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  ) {
    tail += 1;
  }
  const lines = [];
  const same = (from, to) => {
    for (let i = from; i < to; i += 1) {
      lines.push({ kind: "same", text: old[i], old: i + 1, now: i + 1 + now.length - old.length });
    }
  };
  for (let i = 0; i < head; i += 1) {
    lines.push({ kind: "same", text: old[i], old: i + 1, now: i + 1 });
  }
  const middle = script(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  for (const each of middle) {
    lines.push({
      ...each,
      old: each.old === undefined ? undefined : each.old + head,
      now: each.now === undefined ? undefined : each.now + head,
    });
  }
  same(old.length - tail, old.length);
  return lines;
}

function script(old, now) {
  const steps = trace(old, now);
  if (!steps) {
    return [
      ...old.map((text, index) => ({ kind: "removed", text, old: index + 1 })),
      ...now.map((text, index) => ({ kind: "added", text, now: index + 1 })),
    ];
  }
  const lines = [];
  let x = old.length;
  let y = now.length;
  for (let d = steps.length - 1; d > 0; d -= 1) {
    const reached = steps[d];
    const k = x - y;
    const down = k === -d || (k !== d && at(reached, k - 1) < at(reached, k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = at(reached, fromK);
    const fromY = fromX - fromK;
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      lines.push({ kind: "same", text: old[x], old: x + 1, now: y + 1 });
    }
    if (down) {
      y -= 1;
      lines.push({ kind: "added", text: now[y], now: y + 1 });
    } else {
      x -= 1;
      lines.push({ kind: "removed", text: old[x], old: x + 1 });
    }
  }
  while (x > 0) {
    x -= 1;
    lines.push({ kind: "same", text: old[x], old: x + 1, now: x + 1 });
  }
  return lines.reverse();
}

function at(reached, k) {
  return reached.get(k) ?? -1;
}

/** How far each diagonal came before each number of edits; undefined if there are too many. */
function trace(old, now) {
  const reached = new Map([[1, 0]]);
  const steps = [];
  for (let d = 0; d <= MOST_EDITS; d += 1) {
    steps.push(new Map(reached));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && at(reached, k - 1) < at(reached, k + 1));
      let x = down ? at(reached, k + 1) : at(reached, k - 1) + 1;
      let y = x - k;
      while (x < old.length && y < now.length && old[x] === now[y]) {
        x += 1;
        y += 1;
      }
      reached.set(k, x);
      if (x >= old.length && y >= now.length) {
        return steps;
      }
    }
  }
  return undefined;
}
