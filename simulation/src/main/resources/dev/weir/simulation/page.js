'use strict';
// Everything that came from a log is set as text, never as markup.
const data = JSON.parse(document.getElementById('data').textContent);
const main = document.querySelector('main');

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = String(text);
  if (className) made.className = className;
  return made;
}

function number(value) {
  return value.toLocaleString('en');
}

function share(part, whole) {
  return whole === 0 ? '' : ` (${(100 * part / whole).toPrecision(3)} %)`;
}

function table(caption, columns, rows) {
  if (rows.length === 0) return;
  const box = element('div', undefined, 'wide');
  const made = element('table');
  made.append(element('caption', caption));
  const head = element('tr');
  columns.forEach(([name, className]) => {
    const cell = element('th', name, className);
    cell.scope = 'col';
    head.append(cell);
  });
  const top = element('thead');
  top.append(head);
  const body = element('tbody');
  rows.forEach(row => {
    const line = element('tr');
    row.forEach((value, i) => line.append(element('td', value === null ? '–' : value, columns[i][1])));
    body.append(line);
  });
  made.append(top, body);
  box.append(made);
  main.append(box);
}

function keys(caption, list) {
  table(caption, [['key', 'key'], ['limit'], ['denied', 'number'], ['first'], ['last']],
    list.map(each => [each.key.length ? each.key.join(' ') : '(everybody)',
      `${each.policy}/${each.limit}`, number(each.denied), each.first, each.last]));
}

function chart() {
  const series = data.series;
  if (series.requests.length === 0) return;
  const box = element('div', undefined, 'chart');
  const canvas = element('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', 'Requests over time, allowed and denied; the same numbers are in the JSON output.');
  box.append(canvas);
  main.append(element('h2', 'Over time'), box);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const start = Date.parse(series.start);
  const labels = series.requests.map((_, i) =>
    new Date(start + i * series.bucketMicros / 1000).toISOString().replace('T', ' ').replace(/(\.000)?Z$/, ''));
  const colours = () => dark.matches
    ? { text: '#ccc', grid: '#4446', allowed: '#4f9ed8', denied: '#ff7a6b', other: '#f5c451' }
    : { text: '#444', grid: '#8883', allowed: '#2b7bba', denied: '#c0392b', other: '#b7791f' };
  const datasets = () => {
    const c = colours();
    const sets = [
      { label: 'allowed', data: series.requests.map((n, i) => n - series.denied[0][i]), backgroundColor: c.allowed, stack: 'one' },
      { label: 'denied', data: series.denied[0], backgroundColor: c.denied, stack: 'one' }];
    if (series.denied.length > 1) {
      sets.push({ label: `denied by ${data.results[1].name}`, data: series.denied[1], type: 'line', borderColor: c.other, backgroundColor: c.other, pointRadius: 0, borderWidth: 2 });
    }
    return sets;
  };
  const options = () => {
    const c = colours();
    const axis = { stacked: true, ticks: { color: c.text, maxRotation: 0, autoSkipPadding: 16 }, grid: { color: c.grid } };
    return {
      animation: false, maintainAspectRatio: false, interaction: { mode: 'index', intersect: false },
      plugins: { legend: { labels: { color: c.text } } },
      scales: { x: axis, y: { ...axis, beginAtZero: true } },
      datasets: { bar: { categoryPercentage: 1, barPercentage: 1 } }
    };
  };
  const drawn = new Chart(canvas, { type: 'bar', data: { labels, datasets: datasets() }, options: options() });
  dark.addEventListener('change', () => {
    drawn.data.datasets = datasets();
    drawn.options = options();
    drawn.update();
  });
}

function describe() {
  const input = data.input;
  main.append(element('h1', 'What limits would have done'));
  main.append(element('p', `${input.logs.join(', ')}: ${number(input.requests)} requests in ${number(input.lines)} lines`
    + (input.first ? `, from ${input.first} to ${input.last}` : '') + (data.interrupted ? ', interrupted' : ''), 'dim'));
  const remarks = [...input.notes];
  if (input.skipped) remarks.push(`${number(input.skipped)} lines are outside the span of time.`);
  if (input.late) remarks.push(`${number(input.late)} lines came too late to be put in order.`);
  if (input.malformed) remarks.push(`Malformed lines: ${number(input.malformed)}.`);
  remarks.forEach(text => main.append(element('p', text, 'dim')));
  table('Malformed lines', [['line'], ['problem'], ['begins', 'key']],
    input.malformedExamples.map(bad => [`${bad.log}:${bad.line}`, bad.problem, bad.excerpt]));
}

describe();
chart();
data.results.forEach(result => {
  main.append(element('h2', result.name));
  main.append(element('p', `Denied ${number(result.denied)} of ${number(result.requests)}`
    + share(result.denied, result.requests)
    + (result.firstDenial ? `, first ${result.firstDenial}, last ${result.lastDenial}` : '')));
  table('Limits', [['limit'], ['rate'], ['mode'], ['judged', 'number'], ['over', 'number'], ['denied', 'number'], ['first'], ['last']],
    result.limits.map(each => [`${each.policy}/${each.limit}`, each.rate, each.mode, number(each.judged),
      number(each.over), number(each.denied), each.firstDenial, each.lastDenial]));
  keys('Keys that were denied most', result.keys);
});
if (data.comparison) {
  const c = data.comparison;
  main.append(element('h2', 'Compared'));
  main.append(element('p', `${number(c.newlyDenied)} requests are denied by ${data.results[1].name} alone, `
    + `${number(c.newlyAllowed)} by ${data.results[0].name} alone, ${number(c.deniedByBoth)} by both.`));
  keys('Keys that lose', c.losing);
  keys('Keys that gain', c.gaining);
}
