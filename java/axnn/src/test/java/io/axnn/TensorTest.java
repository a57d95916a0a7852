package io.axnn;

import static io.axnn.testing.Refusals.assertIllegalArgument;
import static io.axnn.testing.Refusals.assertIllegalState;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {

  @ParameterizedTest
  @EnumSource
  void allocatesZeros(DataType type) {
    Tensor tensor = Tensor.allocate(type, 2, 3, 5);
    assertThat(tensor.dataType()).isEqualTo(type);
    assertThat(tensor.shape()).containsExactly(2, 3, 5);
    assertThat(tensor.rank()).isEqualTo(3);
    assertThat(tensor.dimension(2)).isEqualTo(5);
    assertThat(tensor.size()).isEqualTo(30);
    assertThat(tensor.memory().byteSize()).isEqualTo(30L * type.bytes());
    assertThat(tensor.memory().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
  }

  @Test
  void copiesArraysInAndOut() {
    float[] floats = {1.5f, -0f, Float.NaN};
    Tensor tensor = Tensor.of(floats, 3);
    floats[0] = 7;
    assertThat(tensor.toFloatArray()).containsExactly(1.5f, -0f, Float.NaN);
    tensor.toFloatArray()[1] = 7;
    assertThat(tensor.toFloatArray()[1]).isZero();

    assertThat(Tensor.of(new int[] {1, -2}, 2).toIntArray()).containsExactly(1, -2);
    assertThat(Tensor.of(new long[] {1L << 40, -2}, 1, 2).toLongArray())
        .containsExactly(1L << 40, -2);
    Tensor signed = Tensor.of(new byte[] {-128, 127}, 2, 1);
    assertThat(signed.dataType()).isEqualTo(DataType.INT8);
    assertThat(signed.toByteArray()).containsExactly(-128, 127);
    Tensor unsigned = Tensor.ofUnsigned(new byte[] {-1, 0}, 2);
    assertThat(unsigned.dataType()).isEqualTo(DataType.UINT8);
    assertThat(unsigned.toByteArray()).containsExactly(-1, 0);
  }

  @Test
  void copyFromOverwrites() {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, 2, 2);
    tensor.copyFrom(new float[] {1, 2, 3, 4});
    assertThat(tensor.toFloatArray()).containsExactly(1, 2, 3, 4);
    assertIllegalArgument(() -> tensor.copyFrom(new float[3]), "3", "4");
    assertIllegalState(
        () -> Tensor.allocate(DataType.INT8, 2).copyFrom(new float[2]), "INT8", "FLOAT32");
  }

  @Test
  void shapesAreCopies() {
    int[] shape = {2, 3};
    Tensor tensor = Tensor.allocate(DataType.INT8, shape);
    shape[0] = 9;
    tensor.shape()[1] = 9;
    assertThat(tensor.shape()).containsExactly(2, 3);
  }

  @Test
  void readingAsAnotherTypeIsRefused() {
    Tensor tensor = Tensor.allocate(DataType.FLOAT32, 1);
    assertIllegalState(tensor::toIntArray, "FLOAT32", "INT32");
    assertIllegalState(tensor::toLongArray, "FLOAT32", "INT64");
    assertIllegalState(tensor::toByteArray, "FLOAT32", "INT8");
    assertIllegalState(() -> Tensor.allocate(DataType.INT64, 1).toFloatArray(), "INT64");
  }

  @Test
  void viewsShareMemory() {
    Tensor tensor = Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 3, 2);
    Tensor flat = tensor.reshape(6);
    Tensor rows = tensor.slice(1, 3);
    assertThat(rows.shape()).containsExactly(2, 2);
    assertThat(rows.toFloatArray()).containsExactly(2, 3, 4, 5);
    rows.copyFrom(new float[] {12, 13, 14, 15});
    assertThat(flat.toFloatArray()).containsExactly(0, 1, 12, 13, 14, 15);
    assertThat(tensor.slice(0, 1).reshape(2).toFloatArray()).containsExactly(0, 1);
  }

  @Test
  void viewsThatDoNotFitAreRefused() {
    Tensor tensor = Tensor.allocate(DataType.INT8, 3, 2);
    assertIllegalArgument(() -> tensor.reshape(5), "5", "6");
    assertIllegalArgument(() -> tensor.reshape(2, -3), "-3");
    assertIllegalArgument(() -> tensor.slice(2, 4), "4", "3");
    assertIllegalArgument(() -> tensor.slice(-1, 2), "-1");
    assertIllegalArgument(() -> tensor.slice(2, 1), "2", "1");
    assertIllegalArgument(() -> tensor.slice(1, 1), "1");
    assertIllegalArgument(() -> tensor.dimension(2), "2");
    assertIllegalArgument(() -> tensor.dimension(-1), "-1");
  }

  @Test
  void wrapsMemoryOfTheCaller() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(24, 8);
      Tensor tensor = Tensor.wrap(memory, DataType.FLOAT32, 2, 3);
      memory.setAtIndex(ValueLayout.JAVA_FLOAT, 5, 2.5f);
      assertThat(tensor.toFloatArray()[5]).isEqualTo(2.5f);
      assertThat(tensor.memory().address()).isEqualTo(memory.address());

      assertIllegalArgument(() -> Tensor.wrap(memory, DataType.FLOAT32, 7), "24", "28");
      assertIllegalArgument(
          () -> Tensor.wrap(memory.asSlice(2, 4), DataType.FLOAT32, 1), "memory", "aligned to 4");
      assertIllegalArgument(
          () -> Tensor.wrap(memory.asSlice(4, 8), DataType.INT64, 1), "memory", "aligned to 8");
    }
    assertIllegalArgument(
        () -> Tensor.wrap(Arena.ofAuto().allocate(4).asReadOnly(), DataType.FLOAT32, 1),
        "memory",
        "read-only");
    assertIllegalArgument(
        () -> Tensor.wrap(MemorySegment.ofArray(new float[4]), DataType.FLOAT32, 4),
        "memory",
        "native");
  }

  @Test
  void memoryOfAClosedArenaIsNotRead() {
    Tensor tensor;
    try (Arena arena = Arena.ofConfined()) {
      tensor = Tensor.allocate(arena, DataType.FLOAT32, 4);
      assertThat(tensor.toFloatArray()).containsOnly(0);
    }
    assertThatThrownBy(tensor::toFloatArray).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void arraysOfAnotherLengthAreRefused() {
    assertIllegalArgument(() -> Tensor.of(new float[5], 2, 3), "5", "[2, 3]");
    assertIllegalArgument(() -> Tensor.of(new int[7], 2, 3), "7", "[2, 3]");
    assertIllegalArgument(() -> Tensor.of(new long[0], 1), "0", "[1]");
    assertIllegalArgument(() -> Tensor.of(new byte[2], 1), "2", "[1]");
    assertIllegalArgument(() -> Tensor.ofUnsigned(new byte[2], 3), "2", "[3]");
  }

  @Test
  void shapesThatAreNoneAreRefused() {
    assertIllegalArgument(() -> Tensor.allocate(DataType.INT8, 2, 0), "shape", "[2, 0]");
    assertIllegalArgument(() -> Tensor.allocate(DataType.INT8, -2, -3), "shape", "[-2, -3]");
    assertIllegalArgument(
        () ->
            Tensor.allocate(DataType.INT8, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE),
        "shape",
        "2147483647");
    assertIllegalArgument(
        () -> Tensor.allocate(DataType.INT64, 1 << 30, 1 << 30, 2), "shape", "1073741824");
  }
}
