import { element } from "./dom.js";
import { count } from "./format.js";

export const PAGE_SIZE = 20;

/** The page an address names by "page", counted from 1. */
export function pageOf(query) {
  const named = Number(query.get("page"));
  return Number.isInteger(named) && named > 1 ? named : 1;
}

/** Shows where in `total` things this page is, with links to its neighbours. */
export function setPaging(place, { page, total, addressOf }) {
  const pages = Math.max(1, Math.ceil(total / PAGE_SIZE));
  const described = `${page}/${pages}/${total}`;
  place.hidden = pages === 1 && page === 1;
  if (place.dataset.described === described) {
    return;
  }
  place.dataset.described = described;
  const link = (text, to) =>
    to >= 1 && to <= pages
      ? element("a", { class: "button", href: addressOf(to), text })
      : element("span", { class: "button off", "aria-hidden": "true", text });
  place.replaceChildren(
    link("Previous", page - 1),
    element("span", {
      class: "muted",
      text: `Page ${count(page)} of ${count(pages)}, ${count(total)} in all`,
    }),
    link("Next", page + 1),
  );
}
