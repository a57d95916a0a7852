package io.axnn.tools;

import de.erichseifert.vectorgraphics2d.VectorGraphics2D;
import java.awt.Color;
import java.awt.Paint;
import java.awt.Shape;

/**
 * Fills with gradients in graphics of their own: VectorGraphics2D fills everything behind one as an
 * image of that gradient, until the graphics are disposed.
 */
final class SvgGraphics extends VectorGraphics2D {

  private Paint gradientOrNull;

  @Override
  public void setPaint(Paint paint) {
    gradientOrNull = paint instanceof Color ? null : paint;
    if (gradientOrNull == null) {
      super.setPaint(paint);
    }
  }

  @Override
  public void setColor(Color color) {
    gradientOrNull = null;
    super.setColor(color);
  }

  @Override
  public void fill(Shape shape) {
    if (gradientOrNull == null) {
      super.fill(shape);
    } else {
      SvgGraphics own = (SvgGraphics) create();
      own.fill(shape, gradientOrNull);
      own.dispose();
    }
  }

  private void fill(Shape shape, Paint with) {
    super.setPaint(with);
    super.fill(shape);
  }
}
