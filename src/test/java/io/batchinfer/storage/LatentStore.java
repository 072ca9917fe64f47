package io.batchinfer.storage;

import io.batchinfer.testing.InMemoryFiles;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A store of objects whose calls take their time before and after they have their effect. Creating
 * a file plainly is two calls: one that looks, and one that writes, with time in between. For one
 * thread at a time.
 */
final class LatentStore {
  private static final long USUAL_MILLIS = 40;
  private static final long SLOW_MILLIS = 3_000;
  private static final double SLOW_SHARE = 0.1;
  private static final double SLOW_SHARE_BETWEEN = 0.4;

  private final InMemoryFiles files = InMemoryFiles.objectStore();
  private final TimedProcesses processes;
  private final Random random;
  private final Lock lock;
  private final double stalls;
  private long spent;
  private long spentBetween;

  /** What the store makes of a file that is to be created only where there is none. */
  enum Lock {
    /** It says that it cannot. */
    NONE,
    SOUND,
    /** It says anything. */
    ARBITRARY
  }

  /**
   * @param stalls how often, of all calls, a process stands still for longer than it may as an
   *     owner
   */
  LatentStore(TimedProcesses processes, Random random, Lock lock, double stalls) {
    this.processes = processes;
    this.random = random;
    this.lock = lock;
    this.stalls = stalls;
    if (lock == Lock.SOUND) {
      files.createsIfAbsent();
    }
    files.before(operation -> wait(operation.startsWith("close ")));
  }

  private void wait(boolean between) {
    double slowShare = between ? SLOW_SHARE_BETWEEN : SLOW_SHARE;
    long bound = random.nextDouble() < slowShare ? SLOW_MILLIS : USUAL_MILLIS;
    Duration time = Duration.ofMillis(1 + random.nextLong(bound));
    if (random.nextDouble() < stalls) {
      time = time.plus(OwnershipTiming.DEFAULT.takeOver());
    }
    spent += time.toMillis();
    spentBetween += between ? time.toMillis() : 0;
    processes.pause(time);
  }

  /** Milliseconds that all calls took. */
  long spent() {
    return spent;
  }

  /** Of these, those between the look and the write of a plain create. */
  long spentBetween() {
    return spentBetween;
  }

  /** The store as its processes see it. */
  FileStore seen() {
    return (FileStore)
        Proxy.newProxyInstance(
            FileStore.class.getClassLoader(),
            new Class<?>[] {FileStore.class},
            (proxy, method, arguments) -> {
              Object result = called(method.getName(), method, arguments);
              if (!method.getName().equals("makeFolder")) {
                wait(false);
              }
              return result;
            });
  }

  private @Nullable Object called(String name, Method method, Object[] arguments) throws Throwable {
    if (name.equals("replace")) {
      try (OutputStream out = files.create((String) arguments[0])) {
        out.write((byte[]) arguments[1]);
      }
      return null;
    }
    if (name.equals("createIfAbsent") && lock == Lock.ARBITRARY) {
      wait(false);
      if (random.nextBoolean()) {
        files.put((String) arguments[0], (byte[]) arguments[1]);
      }
      return Creation.values()[random.nextInt(Creation.values().length)];
    }
    try {
      return method.invoke(files, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
