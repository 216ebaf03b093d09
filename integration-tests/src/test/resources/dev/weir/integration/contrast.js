// SPDX-License-Identifier: Apache-2.0
// The texts whose contrast with their ground is below AA of WCAG 2.2: 4.5, or 3 where they are large.
() => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  // Any notation of a colour as red, green, blue and alpha.
  const parse = (colour) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [
    ...[0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])),
    1,
  ];
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const layer = parse(getComputedStyle(each).backgroundColor);
      layers.push(layer);
      if (layer[3] === 1) {
        break;
      }
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const style = getComputedStyle(element);
    const disabled = element.closest(":disabled, noscript, .visually-hidden, .skip, option");
    if (texts.currentNode.data.trim() === "" || disabled || !element.checkVisibility()) {
      continue;
    }
    if (parse(style.color)[3] === 0) {
      continue;
    }
    const below = ground(element);
    const one = light(over(parse(style.color), below));
    const other = light(below);
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) {
      found.push(`${ratio.toFixed(2)} ${texts.currentNode.data.trim().slice(0, 40)}`);
    }
  }
  return found;
}
