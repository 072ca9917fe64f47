const whole = new Intl.NumberFormat();
const decimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const money = new Intl.NumberFormat(undefined, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});
const small = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export const NONE = "–";

export function count(value) {
  return whole.format(value);
}

export function amount(value) {
  if (Math.abs(value) < 1) {
    return small.format(value);
  }
  return Math.abs(value) < 100 ? decimal.format(value) : whole.format(Math.round(value));
}

export function bytes(value) {
  let unit = 0;
  let size = value;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? whole.format(size) : decimal.format(size)} ${UNITS[unit]}`;
}

export function cost(value, currency) {
  if (value === null || value === undefined) {
    return NONE;
  }
  const digits = value === 0 || value >= 1 ? money.format(value) : small.format(value);
  return currency ? `${digits} ${currency}` : digits;
}

/** A moment given in UNIX seconds. */
export function time(seconds) {
  return typeof seconds === "number" ? moment.format(new Date(seconds * 1000)) : NONE;
}

export function duration(seconds) {
  const rest = Math.max(0, Math.round(seconds));
  const hours = Math.floor(rest / 3600);
  const minutes = Math.floor((rest % 3600) / 60);
  if (hours > 0) {
    return `${hours} h ${minutes} min`;
  }
  return minutes > 0 ? `${minutes} min ${rest % 60} s` : `${rest} s`;
}

/** Enough of an id to tell jobs apart by eye. */
export function shortId(id) {
  return id.startsWith("batch_") ? id.slice(0, 14) : id.slice(0, 8);
}
