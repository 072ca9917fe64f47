import { get } from "./api.js";

const names = new Map();

/** A file's name, asked for once; null when the file is gone. */
export function fileName(id, signal) {
  if (!names.has(id)) {
    const asked = get(`v1/files/${encodeURIComponent(id)}`, {}, signal).then(
      (file) => file.filename,
      (error) => {
        if (error.status === 404) {
          return null;
        }
        // Not known is not gone: whoever asks next asks anew.
        names.delete(id);
        throw error;
      },
    );
    names.set(id, asked);
  }
  return names.get(id);
}

/** A job by the files that it answers, which is how people know it; null when they are gone. */
export async function jobName(job, signal) {
  const files = job.input_files ?? [];
  if (files.length === 0) {
    return null;
  }
  const first = await fileName(files[0], signal);
  const more = files.length - 1;
  if (first === null || more === 0) {
    return first;
  }
  return `${first} and ${more} more ${more === 1 ? "file" : "files"}`;
}
