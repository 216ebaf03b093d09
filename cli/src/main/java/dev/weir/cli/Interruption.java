// SPDX-License-Identifier: Apache-2.0
package dev.weir.cli;

import java.util.concurrent.CountDownLatch;

/** Lets a signal stop long work, and ends the program only when what was done has been told. */
final class Interruption {

  private final CountDownLatch told = new CountDownLatch(1);
  private final Thread hook;

  private Interruption(String name, Runnable stop) {
    this.hook = new Thread(() -> stop(stop), name);
  }

  /**
   * From now on a signal stops the work; {@link #told} has to be called, however it ends.
   *
   * @param name of the thread that stops it
   * @param stop lets the work end soon, with what there is; called by another thread
   */
  static Interruption of(String name, Runnable stop) {
    Interruption made = new Interruption(name, stop);
    Runtime.getRuntime().addShutdownHook(made.hook);
    return made;
  }

  private void stop(Runnable stop) {
    stop.run();
    try {
      told.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Everything is printed and written: the program may end. */
  void told() {
    told.countDown();
    forget(hook);
  }

  /** Removes a hook of the shutdown, unless that has begun. */
  static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The program is ending already, and the hook is what ends it: nothing is left to remove.
      Thread.onSpinWait();
    }
  }
}
