import { element, setText } from "./dom.js";
import { amount, duration } from "./format.js";
import { errorCodes, fromStart, rates } from "./series.js";

const MOST_ERROR_CODES = 5;
const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 2]];

const CHARTS = [
  {
    title: "Throughput",
    unit: "requests per second",
    none: "No request has been answered yet.",
    series: (points) => [
      {
        label: "Succeeded",
        colour: "good",
        values: rates(points, (point) => point.completed - point.failed),
      },
      { label: "Failed", colour: "bad", values: rates(points, (point) => point.failed) },
    ],
  },
  {
    title: "Latency",
    unit: "milliseconds",
    none: "No latency has been measured yet.",
    series: (points) =>
      [50, 95, 99].map((percent, index) => ({
        label: `p${percent}`,
        colour: `series-${index + 1}`,
        values: points.map((point) => point[`latency_p${percent}_ms`] ?? null),
      })),
  },
  {
    title: "Errors by code",
    unit: "errors per second",
    none: "No error so far.",
    series: (points) =>
      errorCodes(points, MOST_ERROR_CODES).map(({ name, of }, index) => ({
        label: name,
        colour: index === 0 ? "bad" : `series-${index}`,
        values: rates(points, of),
      })),
  },
  {
    title: "Tokens",
    unit: "tokens per second",
    none: "No token has been counted yet.",
    series: (points) => [
      {
        label: "Prompt",
        colour: "series-1",
        values: rates(points, (point) => point.prompt_tokens),
      },
      {
        label: "Completion",
        colour: "series-2",
        values: rates(points, (point) => point.completion_tokens),
      },
    ],
  },
  {
    title: "Cost",
    unit: "in all so far",
    none: "No price is known for this job.",
    series: (points) => [
      {
        label: "Cost",
        colour: "series-1",
        values: points.map((point) => point.cost ?? null),
        filled: true,
      },
    ],
  },
];

/** Draws a job's progress into `place`; the returned function takes each newer state of it. */
export function drawCharts(place, signal) {
  const charts = CHARTS.map((definition) => new ProgressChart(definition, signal));
  place.replaceChildren(...charts.map((chart) => chart.figure));
  return (progress, startedAt) => {
    const points = fromStart(progress.points, startedAt);
    const first = points[0]?.at ?? 0;
    const seconds = points.map((point) => point.at - first);
    charts.forEach((chart) => chart.show(seconds, points, progress.currency));
  };
}

/** The same numbers as the charts show, as a table. */
export function numbersTable(progress, startedAt) {
  const points = fromStart(progress.points, startedAt);
  const columns = CHARTS.flatMap(({ title, series }) =>
    series(points).map(({ label, values }) => ({
      name: title === label ? title : `${title}: ${label}`,
      values,
    })),
  );
  const head = ["Time", ...columns.map((column) => column.name)].map((text) =>
    element("th", { scope: "col", text }),
  );
  const rows = points.map((point, index) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", text: duration(point.at - points[0].at) }),
      ...columns.map(({ values }) =>
        element("td", { text: values[index] === null ? "" : amount(values[index]) }),
      ),
    ),
  );
  return element(
    "table",
    { class: "numbers" },
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
}

class ProgressChart {
  constructor(definition, signal) {
    this.definition = definition;
    this.chart = null;
    this.canvas = element("canvas", { role: "img" });
    this.box = element("div", { class: "canvas-box" }, this.canvas);
    this.none = element("p", { class: "muted none", text: definition.none });
    this.unit = element("span", { class: "muted", text: definition.unit });
    this.figure = element(
      "figure",
      { class: "card" },
      element("figcaption", {}, element("h3", { text: definition.title }), this.unit),
      this.box,
      this.none,
    );
    signal.addEventListener("abort", () => this.chart?.destroy());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolour(), {
      signal,
    });
  }

  show(seconds, points, currency) {
    const series = this.definition.series(points);
    const something = series.some(({ values }) => values.some((value) => value !== null));
    this.box.hidden = !something;
    this.none.hidden = something;
    if (this.definition.title === "Cost" && currency) {
      setText(this.unit, `${currency} ${this.definition.unit}`);
    }
    if (!something) {
      return;
    }
    this.canvas.setAttribute("aria-label", summary(this.definition, series));
    this.chart ??= new window.Chart(this.canvas, emptyChart());
    const datasets = series.map(({ label, colour, values, filled }, index) => ({
      label,
      colour,
      data: values.map((y, at) => ({ x: seconds[at], y })),
      borderDash: DASHES[index % DASHES.length],
      pointRadius: values.filter((value) => value !== null).length < 3 ? 3 : 0,
      fill: Boolean(filled),
    }));
    const known = this.chart.data.datasets;
    known.length = Math.min(known.length, datasets.length);
    // Changed in place: a line hidden by its legend stays hidden.
    datasets.forEach((dataset, index) => {
      known[index] = Object.assign(known[index] ?? {}, dataset);
    });
    this.chart.options.scales.x.max = seconds.at(-1) || undefined;
    this.recolour();
  }

  recolour() {
    if (this.chart === null) {
      return;
    }
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    for (const dataset of this.chart.data.datasets) {
      dataset.borderColor = colour(dataset.colour);
      dataset.pointBackgroundColor = colour(dataset.colour);
      dataset.pointBorderColor = colour(dataset.colour);
      dataset.backgroundColor = colour("fill");
    }
    const { scales, plugins } = this.chart.options;
    this.chart.options.font.family = getComputedStyle(this.figure).fontFamily;
    for (const axis of [scales.x, scales.y]) {
      axis.ticks.color = colour("muted");
      axis.grid.color = colour("line");
      axis.border.color = colour("line");
    }
    plugins.legend.display = this.chart.data.datasets.length > 1;
    plugins.legend.labels.color = colour("text");
    this.chart.update("none");
  }
}

function emptyChart() {
  return {
    type: "line",
    data: { datasets: [] },
    options: {
      animation: false,
      font: {},
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      interaction: { mode: "nearest", axis: "x", intersect: false },
      elements: { line: { borderWidth: 2 }, point: { borderWidth: 2 } },
      scales: {
        x: {
          type: "linear",
          min: 0,
          border: {},
          grid: { display: false },
          ticks: {
            maxTicksLimit: 6,
            maxRotation: 0,
            includeBounds: false,
            callback: (value) => duration(value),
          },
        },
        y: { beginAtZero: true, border: { display: false }, grid: {}, ticks: { maxTicksLimit: 5 } },
      },
      plugins: {
        legend: {
          align: "start",
          labels: { usePointStyle: true, pointStyle: "line", pointStyleWidth: 28, boxHeight: 6 },
        },
        tooltip: {
          callbacks: {
            title: (items) => duration(items[0].parsed.x),
            label: (item) => `${item.dataset.label}: ${amount(item.parsed.y)}`,
          },
        },
      },
    },
  };
}

/** What a chart shows, for those who do not see it. */
function summary({ title, unit }, series) {
  const lines = series.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0
      ? `${label} unknown`
      : `${label} last ${amount(known.at(-1))}, at most ${amount(Math.max(...known))}`;
  });
  return `${title}, ${unit}: ${lines.join("; ")}.`;
}
