// SPDX-License-Identifier: Apache-2.0
// Live events as curves.

const MOST_POLICIES = 6;
const COLOURS = [1, 3, 4, 5, 6, 2].map((number) => `--series-${number}`);

export function outcomeSeries(points) {
  return ["allowed", "denied"].map((outcome, index) => ({
    name: outcome,
    colour: `--series-${index + 1}`,
    points: points.map(({ at, event }) => ({ x: at, y: event.decisions[outcome].rate })),
  }));
}

/** The policies that decided most in the time that is shown; the others as one. */
export function policySeries(points, measure) {
  const value = (limit) =>
    measure === "denied" ? limit.denied.rate : limit.allowed.rate + limit.denied.rate;
  const sums = new Map();
  for (const { event } of points) {
    for (const limit of event.decisions.limits) {
      sums.set(limit.policy, (sums.get(limit.policy) ?? 0) + value(limit));
    }
  }
  const shown = [...sums]
    .sort((one, other) => other[1] - one[1])
    .slice(0, MOST_POLICIES)
    .map(([name]) => name)
    .sort();
  const series = shown.map((name, index) => ({ name, colour: COLOURS[index], points: [] }));
  const rest = { name: "others", colour: "--series-7", points: [] };
  for (const { at, event } of points) {
    const now = new Map();
    let others = value(event.decisions.others);
    for (const limit of event.decisions.limits) {
      if (shown.includes(limit.policy)) {
        now.set(limit.policy, (now.get(limit.policy) ?? 0) + value(limit));
      } else {
        others += value(limit);
      }
    }
    series.forEach((each) => each.points.push({ x: at, y: now.get(each.name) ?? 0 }));
    rest.points.push({ x: at, y: others });
  }
  return rest.points.some((point) => point.y > 0) ? [...series, rest] : series;
}

export function latencySeries(points) {
  return [
    ["p99", "--series-2"],
    ["p90", "--series-3"],
    ["p50", "--series-1"],
  ].map(([name, colour]) => ({
    name,
    colour,
    points: points
      .filter(({ event }) => event.latency.count > 0)
      .map(({ at, event }) => ({ x: at, y: event.latency[name] })),
  }));
}
