import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { TOP } from "./sources.mjs";

const INDEX = "src/site/markdown/index.md";

/** The groups of pages as the index has them: a heading, and below it a table or list of links. */
export function readGroups(placeOf) {
  const groups = [];
  for (const line of readFileSync(join(TOP, INDEX), "utf8").split("\n")) {
    const heading = line.match(/^## (.+)$/);
    const entry = line.match(/^(?:\| |(\d+\. ))\[(.+?)\]\(([^)#]+)\)/);
    if (heading) {
      groups.push({ title: heading[1], pages: [] });
    } else if (entry && groups.length > 0) {
      const [, number = "", title, target] = entry;
      const place = placeOf(posix.join(posix.dirname(INDEX), target));
      if (place === undefined) {
        throw new Error(`${INDEX} lists ${target}, which is no page of the site.`);
      }
      groups.at(-1).pages.push({ text: number + title, place: place.replace(/\.md$/, "") });
    }
  }
  return groups.filter(({ pages }) => pages.length > 0);
}
