package io.axnn.tools.data;

/** The order in which a network gets the channels of color images. */
public enum ChannelOrder {
  /** Red, green, blue; of an array from a .npy file, the order that it has there. */
  RGB,
  /** The reverse, as networks expect that were trained on images read by OpenCV. */
  BGR
}
