package io.axnn.multiplier;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The hash that {@link Multiplier#identity()} documents. */
final class Identity {

  private static final String DOMAIN = "axnn-multiplier-1";

  private Identity() {}

  /** Of products in index order, of those that the operands can reach. */
  static String ofProducts(Operand row, Operand column, int[] products) {
    ByteBuffer entries =
        ByteBuffer.allocate(Integer.BYTES * products.length).order(ByteOrder.LITTLE_ENDIAN);
    entries.asIntBuffer().put(products);
    return hash(row, column, entries.array());
  }

  static String ofText(Operand row, Operand column, String text) {
    return hash(row, column, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hash(Operand row, Operand column, byte[] content) {
    MessageDigest digest = sha256();
    digest.update(DOMAIN.getBytes(StandardCharsets.US_ASCII));
    digest.update((byte) row.bits());
    digest.update((byte) column.bits());
    digest.update((byte) (row.signed() ? 1 : 0));
    digest.update((byte) (column.signed() ? 1 : 0));
    digest.update(content);
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
