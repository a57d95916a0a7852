/**
 * Labelled images from files.
 *
 * <p>{@link io.axnn.tools.data.DataSet} finds a set by what the user calls it and reads its test
 * and training parts; {@link io.axnn.tools.data.LabelledImages} has readers for single formats, and
 * turns the images into batches of tensors.
 *
 * <pre>{@code
 * Model model = Model.load(Path.of("network.onnx"));
 * DataSet set = DataSet.open("cifar10", DataOptions.forInput(model.inputShape()));
 * List<LabelledImages.Batch> batches = set.test().batches(100, set.normalization());
 * }</pre>
 */
package io.axnn.tools.data;
