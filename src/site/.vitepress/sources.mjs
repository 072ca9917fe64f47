import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the source tree. */
export const TOP = fileURLToPath(new URL("../../../", import.meta.url));

const PAGES = "src/site/markdown";

/** Pages that lie elsewhere in the source tree, and where they are in the site. */
const ELSEWHERE = new Map([
  ["README.md", "readme.md"],
  ["CHANGELOG.md", "changelog.md"],
  [".github/CONTRIBUTING.md", "contributing.md"],
  ["scripts/bench/README.md", "benchmarks.md"],
]);

/** Where in the site a page or picture of the source tree is; undefined if it is none of the site's. */
export function placeOf(source) {
  return source.startsWith(`${PAGES}/`) ? source.slice(PAGES.length + 1) : ELSEWHERE.get(source);
}

/** Which file of the source tree is at this place of the site. */
export function sourceOf(place) {
  for (const [source, there] of ELSEWHERE) {
    if (there === place) {
      return source;
    }
  }
  return posix.join(PAGES, place);
}

/** Puts all pages where the generator reads them. */
export function collectPages(folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(TOP, PAGES), folder, { recursive: true });
  for (const [source, place] of ELSEWHERE) {
    const page = join(folder, place);
    mkdirSync(dirname(page), { recursive: true });
    cpSync(join(TOP, source), page);
  }
  // Made to code, the pages import the generator's packages, which are looked for from where they lie.
  symlinkSync(join(TOP, "src/site/node_modules"), join(folder, "node_modules"));
}
