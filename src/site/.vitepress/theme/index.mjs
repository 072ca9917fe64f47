// Without the fonts that the default theme brings: the reader's own will do.
import theme from "vitepress/theme-without-fonts";
import { withBase } from "vitepress";
import { h } from "vue";
import "./site.css";

export default {
  extends: theme,
  Layout: () => h(theme.Layout, null, { "not-found": noSuchPage }),
};

function noSuchPage() {
  return h("main", { class: "no-such-page" }, [
    h("h1", "There is no such page"),
    h("p", [
      "The search finds it under another name, or look at the ",
      h("a", { href: withBase("/") }, "list of all pages"),
      ".",
    ]),
  ]);
}
