package io.batchinfer.engine;

import io.batchinfer.engine.WorkerRequest.Claim;
import io.batchinfer.engine.WorkerRequest.Commit;
import io.batchinfer.engine.WorkerRequest.Committed;
import io.batchinfer.engine.WorkerRequest.Engine;
import io.batchinfer.engine.WorkerRequest.Hello;
import io.batchinfer.engine.WorkerRequest.Leave;
import io.batchinfer.engine.WorkerRequest.Notice;
import io.batchinfer.engine.WorkerRequest.Quota;
import io.batchinfer.engine.WorkerRequest.Release;
import io.batchinfer.engine.WorkerRequest.Trying;
import io.batchinfer.job.EngineJson;
import io.batchinfer.job.PartCountsJson;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The bytes of a worker's requests: the kind's number, and what the kind needs. */
final class WorkerRequestCodec {
  private WorkerRequestCodec() {}

  /** Something that writes itself. */
  @FunctionalInterface
  private interface Body {
    void write(DataOutputStream out) throws IOException;
  }

  static void write(WorkerRequest request, DataOutputStream out) throws IOException {
    out.writeByte(request.kind().ordinal());
    request.handledBy(BODIES).write(out);
  }

  static WorkerRequest read(DataInputStream in) throws IOException {
    return switch (WorkerRequest.Kind.values()[in.readByte()]) {
      case HELLO -> new Hello(in.readUTF());
      case QUOTA -> new Quota(bytes(in));
      case CLAIM -> new Claim(in.readUTF());
      case TRYING -> new Trying(in.readInt(), in.readInt());
      case COMMIT -> new Commit(in.readInt());
      case COMMITTED -> new Committed(in.readInt(), PartCountsJson.parse(bytes(in)));
      case RELEASE -> new Release(in.readUTF());
      case LEAVE -> new Leave();
      case NOTICE -> new Notice(new String(bytes(in), StandardCharsets.UTF_8));
      case ENGINE -> new Engine(in.readUTF(), EngineJson.parse(bytes(in)));
    };
  }

  private static final WorkerRequest.Handler<Body> BODIES =
      new WorkerRequest.Handler<>() {
        @Override
        public Body hello(Hello request) {
          return out -> out.writeUTF(request.process());
        }

        @Override
        public Body quota(Quota request) {
          return out -> write(out, request.question());
        }

        @Override
        public Body claim(Claim request) {
          return out -> out.writeUTF(request.worker());
        }

        @Override
        public Body trying(Trying request) {
          return out -> {
            out.writeInt(request.split());
            out.writeInt(request.line());
          };
        }

        @Override
        public Body commit(Commit request) {
          return out -> out.writeInt(request.split());
        }

        @Override
        public Body committed(Committed request) {
          return out -> {
            out.writeInt(request.split());
            write(out, PartCountsJson.write(request.part()));
          };
        }

        @Override
        public Body release(Release request) {
          return out -> out.writeUTF(request.worker());
        }

        @Override
        public Body leave(Leave request) {
          return out -> {};
        }

        @Override
        public Body notice(Notice request) {
          // Words may be longer than what writeUTF takes.
          return out -> write(out, request.words().getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Body engine(Engine request) {
          return out -> {
            out.writeUTF(request.process());
            write(out, EngineJson.write(request.figures()));
          };
        }
      };

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static byte[] bytes(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return bytes;
  }
}
