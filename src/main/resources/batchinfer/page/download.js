import { get } from "./api.js";
import { element } from "./dom.js";

const HOURS = 1;

/** Lets the browser fetch a file by a signed address, which needs no key. */
export async function download(file) {
  await follow(`v1/files/${encodeURIComponent(file.id)}`, { download: file.filename });
}

/** Opens the report of a job in a tab of its own, which knows nothing of this one. */
export async function openReport(id) {
  await follow(`v1/batch/jobs/${encodeURIComponent(id)}/report`, { target: "_blank" });
}

async function follow(path, attributes) {
  const { url } = await get(`${path}/url`, { expiry: HOURS });
  const address = new URL(url, document.baseURI);
  if (address.protocol !== "http:" && address.protocol !== "https:") {
    throw new Error(`The service gave an address that is not a web address: ${url}`);
  }
  const link = element("a", { href: address.href, rel: "noopener noreferrer", ...attributes });
  document.body.append(link);
  link.click();
  link.remove();
}
