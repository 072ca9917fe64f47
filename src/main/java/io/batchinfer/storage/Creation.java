package io.batchinfer.storage;

/** What became of a file that was to be created only where there is none. */
public enum Creation {
  /** It has the content that was given. */
  DONE,
  /** Another file was there first, and still is. */
  REFUSED,
  /** The store cannot create so, or did not tell; nothing may rest on what is there now. */
  UNKNOWN
}
