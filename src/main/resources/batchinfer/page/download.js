import { get } from "./api.js";
import { element } from "./dom.js";

const HOURS = 1;

/** Lets the browser fetch a file by a signed address, which needs no key. */
export async function download(file) {
  const { url } = await get(`v1/files/${encodeURIComponent(file.id)}/url`, { expiry: HOURS });
  const address = new URL(url, document.baseURI);
  if (address.protocol !== "http:" && address.protocol !== "https:") {
    throw new Error(`The address of "${file.filename}" is not a web address: ${url}`);
  }
  const link = element("a", { href: address.href, download: file.filename, rel: "noreferrer" });
  document.body.append(link);
  link.click();
  link.remove();
}
