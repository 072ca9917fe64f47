package io.batchinfer.table.render;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.MediaRoot;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.SparkEnv;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.jspecify.annotations.Nullable;

/**
 * Images that a table names by path. They may lie under the media root alone, so that whoever fills
 * a table cannot make executors read other files.
 */
final class ImageFiles implements Serializable {
  private static final long serialVersionUID = 1L;

  private final @Nullable String root;
  private final long mostBytes;
  private transient @Nullable FileStore store;

  /**
   * @param root as it was given, or null where a table may name no files
   */
  ImageFiles(@Nullable String root, long mostBytes) {
    this.root = root;
    this.mostBytes = mostBytes;
  }

  byte[] read(String path, String column) throws Unsendable {
    if (root == null) {
      throw media(
          "The image \"%s\" of the column \"%s\" is neither a data URL nor an http(s) URL, and the job has no --media-root under which it could be a path. Name the folder of the images with --media-root."
              .formatted(shown(path), column));
    }
    FileStore files = store();
    Optional<FileStore.Entry> file =
        new MediaRoot(files.qualify(root))
            .resolve(path)
            .flatMap(files::find)
            .filter(entry -> !entry.folder());
    if (file.isEmpty()) {
      throw media(
          "There is no image \"%s\" under the media root, which the column \"%s\" names."
              .formatted(shown(path), column));
    }
    if (file.get().bytes() > mostBytes) {
      throw new Unsendable(
          ErrorCode.LINE_TOO_LARGE,
          "The image \"%s\" of the column \"%s\" has %d bytes, more than a line may have (--max-line-bytes)."
              .formatted(shown(path), column, file.get().bytes()));
    }
    return files.readAll(file.get().path());
  }

  private FileStore store() {
    FileStore known = store;
    if (known == null) {
      known = new FileStores(() -> SparkHadoopUtil.get().newConfiguration(SparkEnv.get().conf()));
      store = known;
    }
    return known;
  }

  private static Unsendable media(String message) {
    return new Unsendable(ErrorCode.INVALID_MEDIA, message);
  }

  private static String shown(String path) {
    return path.length() <= 200 ? path : path.substring(0, 200) + "…";
  }
}
