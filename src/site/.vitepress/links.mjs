import { copyFileSync, mkdirSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { TOP, placeOf, sourceOf } from "./sources.mjs";

const linked = new Set();

/** Makes the links of the source tree lead to the same pages and files from within the site. */
export function leadFromTheSite(md) {
  md.core.ruler.after("inline", "links-of-the-source-tree", (state) => {
    const page = state.env.relativePath;
    for (const block of state.tokens) {
      for (const token of block.children ?? []) {
        const name = { link_open: "href", image: "src" }[token.type];
        if (name) {
          lead(token, name, page);
        }
      }
    }
  });
}

/** Copies the files that the pages' links lead to and that are no pages themselves. */
export function copyLinkedFiles(folder) {
  for (const file of linked) {
    const copy = join(folder, "files", file);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(TOP, file), copy);
  }
}

function lead(token, name, page) {
  const target = token.attrGet(name);
  if (/^([a-z]+:|#)/.test(target)) {
    return;
  }
  const [path, anchor] = target.split("#", 2);
  const file = posix.join(posix.dirname(sourceOf(page)), decodeURIComponent(path));
  const place = placeOf(file);
  if (place !== undefined) {
    const relative = posix.relative(posix.dirname(page), place);
    token.attrSet(name, `./${relative}${anchor ? `#${anchor}` : ""}`);
    return;
  }
  if (!statSync(join(TOP, file)).isFile()) {
    throw new Error(`${sourceOf(page)} links to ${file}, which is a folder. Name a file of it.`);
  }
  linked.add(file);
  token.attrSet(name, `/files/${file}`);
  // No page: the browser fetches it, not the site's script.
  token.attrSet("target", "_self");
}
