package io.axnn;

import io.axnn.layers.ApproxConv2d;
import io.axnn.layers.Conv2d;
import io.axnn.layers.Conv2dArgs;
import io.axnn.multiplier.Multiplier;
import io.axnn.quant.Quantization;

/** The child of {@link LifecycleTest}: forgets a context, a multiplier and two layers. */
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
    ApproxConv2d approximate =
        ApproxConv2d.fromConv2d(context, conv)
            .multiplier(multiplier)
            .inputQuantization(Quantization.symmetric(1))
            .build();
    long outputs = conv.forward(weights).size() + approximate.forward(weights).size();
    System.out.println(context.tier() + multiplier.name() + outputs);
  }
}
