// SPDX-License-Identifier: Apache-2.0
package dev.weir.redis;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.RedisCommand;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One EVALSHA: what Lettuce writes and completes. Used by one event loop. */
final class Call implements RedisCommand<byte[], byte[], Object> {

  private static final Logger LOG = LoggerFactory.getLogger(Call.class);

  /** The checks of a call: writes the command, hears what became of it. */
  interface Work {

    void write(WireBuffer buffer);

    /** The reply, complete and without error. */
    void answered(Reply reply);

    /** Redis refused, and executed nothing. */
    void refused(String error);

    /** The connection is gone; what was sent may have been executed. */
    void lost();
  }

  private final Work work;
  private final WireBuffer buffer;
  private final Reply reply = new Reply();
  private boolean done;

  Call(Work work, WireBuffer buffer) {
    this.work = work;
    this.buffer = buffer;
  }

  @Override
  public void encode(ByteBuf target) {
    work.write(buffer.clear());
    buffer.copyTo(target);
  }

  @Override
  public void complete() {
    if (done) {
      return;
    }
    done = true;
    try {
      if (reply.hasError()) {
        work.refused(reply.getError());
      } else {
        work.answered(reply);
      }
    } catch (RuntimeException e) {
      // A reply that is not the script's; whoever still waits must not wait for ever.
      LOG.error("an answer of Redis cannot be read", e);
      work.lost();
    }
  }

  @Override
  public boolean completeExceptionally(Throwable cause) {
    cancel();
    return true;
  }

  @Override
  public void cancel() {
    if (!done) {
      done = true;
      work.lost();
    }
  }

  @Override
  public CommandOutput<byte[], byte[], Object> getOutput() {
    return reply;
  }

  @Override
  public CommandArgs<byte[], byte[]> getArgs() {
    return new CommandArgs<>(ByteArrayCodec.INSTANCE);
  }

  @Override
  public ProtocolKeyword getType() {
    return CommandType.EVALSHA;
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public boolean isDone() {
    return done;
  }

  @Override
  public void setOutput(@Nullable CommandOutput<byte[], byte[], Object> output) {
    throw new UnsupportedOperationException("setOutput");
  }
}
