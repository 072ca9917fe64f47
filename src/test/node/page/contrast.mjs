/**
 * Every visible text of the page with less contrast to what lies behind it than WCAG AA asks of
 * small text, as the browser computes the colours. Runs inside the page.
 */
export function weakTexts() {
  const LEAST = 4.5;

  const parsed = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    const scale = colour.startsWith("color(") ? 255 : 1;
    return { rgb: numbers.slice(0, 3).map((part) => part * scale), alpha: numbers[3] ?? 1 };
  };
  const over = (front, back) =>
    front.rgb.map((part, i) => part * front.alpha + back[i] * (1 - front.alpha));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const behind = (node) => {
    const colour = parsed(getComputedStyle(node).backgroundColor);
    if (colour.alpha === 1) {
      return colour.rgb;
    }
    return over(colour, node.parentElement ? behind(node.parentElement) : [255, 255, 255]);
  };
  const ownText = (node) =>
    [...node.childNodes]
      .filter((child) => child.nodeType === Node.TEXT_NODE)
      .map((child) => child.data.trim())
      .join(" ")
      .trim();

  const weak = [];
  let seen = 0;
  const look = (node, text, colour) => {
    seen += 1;
    const back = behind(node);
    const ratio = contrast(over(parsed(colour), back), back);
    if (ratio < LEAST) {
      weak.push(`${ratio.toFixed(2)} "${text}" ${colour} on ${back}`);
    }
  };
  for (const node of document.body.querySelectorAll("*")) {
    if (
      !node.checkVisibility() ||
      node.closest("script, noscript, template") ||
      node.matches("option")
    ) {
      continue;
    }
    if (node.matches("input, select")) {
      look(node, node.value || node.placeholder, getComputedStyle(node).color);
      if (node.placeholder) {
        look(node, node.placeholder, getComputedStyle(node, "::placeholder").color);
      }
    } else if (ownText(node) !== "") {
      look(node, ownText(node), getComputedStyle(node).color);
    }
  }
  return { weak, seen };
}
