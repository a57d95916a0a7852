// A picture of points and lines on two logarithmic axes, as SVG.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace axnn::bench {

struct ChartPoint {
    double x;  // positive, as y
    double y;
    std::string note;  // shown where a reader points at it
};

struct ChartSeries {
    std::string name;
    std::vector<ChartPoint> points;  // single marks
    std::vector<ChartPoint> line;    // joined, without marks
};

// Axes go from a power of two to a power of two.
struct Chart {
    std::string title;
    std::string x_label;
    std::string y_label;
    std::vector<ChartSeries> series;
};

void write_svg(std::ostream& out, const Chart& chart);

}  // namespace axnn::bench
