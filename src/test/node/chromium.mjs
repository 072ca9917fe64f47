import { chromium } from "playwright-core";

/** The system's browser, or the one that CHROMIUM names. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // Chromium's own sandbox does not work for root.
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
}
