"use strict";

// Shows the values of a moment where a chart over time is pointed at. All of them are in the
// chart's table as well, which is where they come from.
const SVG = "http://www.w3.org/2000/svg";

for (const plot of document.querySelectorAll("svg.plot[data-at]")) {
  const figure = plot.closest("figure");
  const names = [...figure.querySelectorAll("thead th")].map((cell) => cell.textContent);
  const rows = figure.querySelectorAll("tbody tr");
  const moments = plot.dataset.at.split(" ").map((at) => Number(at) / 1000);
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  plot.parentElement.append(tip);
  const cross = document.createElementNS(SVG, "line");
  cross.setAttribute("class", "cross");
  cross.setAttribute("y1", "0");
  cross.setAttribute("y2", String(plot.querySelector("svg").getAttribute("height")));

  const hide = () => {
    tip.hidden = true;
    cross.remove();
  };

  const show = (event) => {
    const box = plot.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    if (share < -0.02 || share > 1.02) {
      hide();
      return;
    }
    const nearest = moments.reduce(
      (best, at, index) =>
        Math.abs(at - share) < Math.abs(moments[best] - share) ? index : best,
      0,
    );
    const cells = [...rows[nearest].cells].map((cell) => cell.textContent);
    const title = document.createElement("b");
    title.textContent = cells[0];
    const lines = cells.slice(1).map((value, index) => {
      const line = document.createElement("div");
      line.textContent = `${names[index + 1]}: ${value}`;
      return line;
    });
    tip.replaceChildren(title, ...lines);
    cross.setAttribute("x1", `${moments[nearest] * 100}%`);
    cross.setAttribute("x2", `${moments[nearest] * 100}%`);
    plot.append(cross);
    tip.hidden = false;
    const place = plot.parentElement.getBoundingClientRect();
    const x = box.left - place.left + moments[nearest] * box.width;
    const right = x + 12 + tip.offsetWidth <= place.width;
    tip.style.left = `${Math.max(0, right ? x + 12 : x - 12 - tip.offsetWidth)}px`;
  };

  plot.parentElement.addEventListener("pointermove", show);
  plot.parentElement.addEventListener("pointerdown", show);
  plot.parentElement.addEventListener("pointerleave", hide);
}
