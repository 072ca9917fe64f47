import { chromium } from "playwright-core";

/** The system's browser, or the one that CHROMIUM names. */
export function startBrowser() {
  return chromium.launch({
    timeout: A_STEP_MS,
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Chromium's own sandbox does not work for root.
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
}

/** Bounds the wait for what must come, however slow and busy the machine: it costs nothing where all is well. */
const A_STEP_MS = 180_000;

/** A fresh profile. */
export async function freshProfile(browser, settings) {
  const context = await browser.newContext(settings);
  context.setDefaultTimeout(A_STEP_MS);
  return context;
}
