/**
 * Networks from ONNX files on the layers of axnn.
 *
 * <p>A {@link io.axnn.tools.Model} is a file that was read and checked: an immutable graph. {@link
 * io.axnn.tools.Model#prepare} makes a {@link io.axnn.tools.Network} of it, which runs on a context
 * with one choice of {@link io.axnn.tools.Settings}: each layer with weights computes in float32,
 * in codes with exact or approximate products, or on bits. One model gives as many networks as are
 * wanted.
 *
 * <pre>{@code
 * Model model = Model.load(Path.of("network.onnx"));
 * try (Context context = Context.create();
 *     Multiplier multiplier = Multiplier.read(Path.of("mul8s_1KVA.npy"));
 *     Network exact = model.prepare(context, Settings.of(Arithmetic.float32()))) {
 *   Calibration calibration = exact.calibrate(trainingImages);
 *   Settings settings =
 *       Settings.of(Arithmetic.approximate(multiplier)).withCalibration(calibration);
 *   try (Network network = model.prepare(context, settings)) {
 *     Tensor logits = network.forward(images);
 *   }
 * }
 * }</pre>
 *
 * <p>This jar is no named module: the classes of the ONNX format and of protobuf have no module
 * descriptor, so a named module on top of them could not be linked into a runtime image. It lies on
 * the class path (or is the automatic module {@code io.axnn.tools}); axnn itself may be on either
 * path. Packages under {@code io.axnn.tools.internal} are no API.
 */
package io.axnn.tools;
