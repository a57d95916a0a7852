package io.axnn.tools.data;

/** The order of the axes of an array of images: n images, c channels, h rows, w columns. */
public enum Layout {
  /** [n, c, h, w], channel by channel: PyTorch and ONNX. */
  NCHW,
  /** [n, h, w, c], the channels of a pixel together: TensorFlow, OpenCV and image files. */
  NHWC
}
