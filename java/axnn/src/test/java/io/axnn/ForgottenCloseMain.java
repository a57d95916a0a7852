package io.axnn;

import io.axnn.layers.Conv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.multiplier.Multiplier;

/** The child of {@link LifecycleTest}: forgets a context, a multiplier and a layer. */
final class ForgottenCloseMain {

  private static final int TIMEOUT_MILLIS = 30_000;

  private ForgottenCloseMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    forget();
    if (Axnn.liveHandles() == 0) {
      throw new AssertionError("nothing was made");
    }
    long end = System.currentTimeMillis() + TIMEOUT_MILLIS;
    while (Axnn.liveHandles() != 0 && System.currentTimeMillis() < end) {
      System.gc();
      Thread.sleep(20);
    }
    // The warning follows the free.
    Thread.sleep(200);
    System.out.println("handles at the end: " + Axnn.liveHandles());
  }

  private static void forget() {
    Context context = Context.create();
    Multiplier multiplier = Multiplier.exact();
    Tensor weights = Tensor.allocate(DataType.FLOAT32, 1, 1, 1, 1);
    Conv2d conv = Conv2d.of(context, Conv2dArgs.builder(1, 1, 1, 1).build(), weights, null);
    System.out.println(context.tier() + multiplier.name() + conv.forward(weights).size());
  }
}
