import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What the accessibility checker axe finds on a page as it is shown now, by all its rules but the experimental
 * ones: one line for each element and rule. A part of the page, and rules to leave out, may be named.
 */
export async function barriers(page, { within = "html", without = [] } = {}) {
  // As the debugger's own code, which a page's policy does not concern.
  await page.evaluate(AXE);
  const { applied, found } = await page.evaluate(
    async ([part, left]) => {
      const { passes, violations } = await axe.run(part, {
        resultTypes: ["violations"],
        rules: Object.fromEntries(left.map((rule) => [rule, { enabled: false }])),
      });
      // All that is looked at is large; what is said of it is not.
      const found = violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, failureSummary }) => {
          const detail = failureSummary.replaceAll(/\s+/g, " ");
          return `${id} (${help}) at ${target.join(" ")}: ${detail}`;
        }),
      );
      return { applied: passes.length + violations.length, found };
    },
    [within, without],
  );
  if (applied === 0) {
    throw new Error(`${page.url()}: no rule applied, so that nothing was checked.`);
  }
  return found;
}
