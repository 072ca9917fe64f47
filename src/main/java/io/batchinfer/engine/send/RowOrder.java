package io.batchinfer.engine.send;

/**
 * In which order the open rows of a split go out. It stands behind what says which rows are sent at
 * all, and with which body, and before whatever takes room, memory or permits for a row, so that
 * all of these see rows in the order in which they go. What a row is known by, its line, goes with
 * it: journal and parts are the same in any order. A split that runs alone keeps the order of its
 * lines, since its crashes are blamed on the line that was told last.
 *
 * <p>An order that hands rows on later than it was given them holds their bodies meanwhile, and has
 * to bound them itself.
 */
@FunctionalInterface
interface RowOrder {
  /** As they stand in the input: a row is read when the one before it has been let in. */
  RowOrder AS_READ = rows -> rows;

  /**
   * The same rows, each once, in the order in which they go out.
   *
   * @param asRead reads the next row when it is asked for it
   */
  OpenRows of(OpenRows asRead);
}
