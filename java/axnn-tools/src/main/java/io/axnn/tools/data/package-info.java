/**
 * Labelled images from files.
 *
 * <p>{@link io.axnn.tools.data.IdxFile} reads the format of MNIST and its successors, {@link
 * io.axnn.tools.data.LabelledImages} turns a pair of such files, files of CIFAR-10 or a folder of
 * images by class into batches of tensors.
 */
package io.axnn.tools.data;
