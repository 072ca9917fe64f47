import { join } from "node:path";
import { defineConfig } from "vitepress";
import { copyLinkedFiles, leadFromTheSite } from "./links.mjs";
import { readGroups } from "./navigation.mjs";
import { TOP, collectPages, placeOf } from "./sources.mjs";

const pages = join(TOP, "target/site-pages");
collectPages(pages);

export default defineConfig({
  title: "batchinfer",
  description: "Batch LLM inference on Apache Spark",
  lang: "en",
  srcDir: pages,
  outDir: join(TOP, "target/site"),
  cacheDir: join(TOP, "target/site-cache"),
  // A page that is opened from a folder of files is asked for by its name.
  cleanUrls: false,
  // Files of the source tree that pages name; they are copied once the pages are made.
  ignoreDeadLinks: [/^\/files\//],
  buildEnd: ({ outDir }) => copyLinkedFiles(outDir),
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: {
    // `<word>` in a text is that, and no element.
    html: false,
    // An address in a text is an example; what is to be followed is a link.
    linkify: false,
    anchor: { slugify: anchorOf },
    config(md) {
      leadFromTheSite(md);
      keepBraces(md);
      leaveCornersEmpty(md);
      setIndentedCode(md);
    },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
  },
  themeConfig: {
    outline: { level: [2, 3], label: "On this page" },
    sidebar: readGroups(placeOf).map(({ title, pages }) => ({
      text: title,
      // The list of that group; without a link its name would be a button that does nothing.
      link: `/#${anchorOf(title)}`,
      collapsed: title === "Decisions" ? true : undefined,
      items: pages.map(({ text, place }) => ({ text, link: `/${place}` })),
    })),
    search: { provider: "local", options: { detailedView: true } },
  },
});

/** The same as GitHub's, for which the links of the pages are written. */
function anchorOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

/** Two braces are an expression to the generator, and two braces to a reader of these pages. */
function keepBraces(md) {
  for (const kind of ["text", "code_inline"]) {
    const render = md.renderer.rules[kind];
    md.renderer.rules[kind] = (...token) => render(...token).replaceAll("{{", "<span>{</span>{");
  }
}

/** The cell above a table's first column may be empty, which the heading of a column must not be. */
function leaveCornersEmpty(md) {
  md.core.ruler.push("empty-corners", ({ tokens }) => {
    tokens.forEach(({ type, content }, i) => {
      if (type === "inline" && content === "" && tokens[i - 1].type === "th_open") {
        tokens[i - 1].tag = "td";
        tokens[i + 1].tag = "td";
      }
    });
  });
}

/** Code that is indented looks like code between fences, of which alone the theme knows. */
function setIndentedCode(md) {
  md.core.ruler.push("indented-code", ({ tokens }) => {
    for (const token of tokens.filter(({ type }) => type === "code_block")) {
      Object.assign(token, { type: "fence", tag: "code", markup: "```", info: "text" });
    }
  });
}
