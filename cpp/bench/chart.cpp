#include "chart.hpp"

#include <math.h>
#include <stdio.h>

#include <algorithm>
#include <iterator>
#include <ostream>

namespace axnn::bench {
namespace {

constexpr double width = 960, height = 560;
constexpr double left = 70, right = 290, top = 40, bottom = 60;  // margins
constexpr const char* colours[] = {"#1b6ca8", "#c8442d", "#2e8540", "#8a4fbf", "#b8860b",
                                   "#00838f", "#c2185b", "#5d4037", "#607d8b"};

std::string number(double value) {
    char text[32];
    snprintf(text, sizeof text, "%.4g", value);
    return text;
}

// One axis: powers of two of the values, drawn between two places of the picture.
class Axis {
  public:
    Axis(double first_place, double last_place) : first_place_(first_place), last_place_(last_place) {}
    void include(double value) {
        first_ = std::min(first_, floor(log2(value)));
        last_ = std::max(last_, ceil(log2(value)));
    }
    double place(double value) const {
        return first_place_ + (log2(value) - first_) / (last_ - first_) * (last_place_ - first_place_);
    }
    std::vector<double> ticks() const {
        std::vector<double> values;
        const double step = last_ - first_ > 12 ? 2 : 1;
        for (double power = first_; power <= last_; power += step) values.push_back(exp2(power));
        return values;
    }

  private:
    double first_place_;
    double last_place_;
    double first_ = INFINITY;
    double last_ = -INFINITY;
};

class Picture {
  public:
    Picture(std::ostream& out, const Chart& chart)
        : out_(out), chart_(chart), x_(left, width - right), y_(height - bottom, top) {
        for (const ChartSeries& series : chart.series)
            for (const auto* points : {&series.points, &series.line})
                for (const ChartPoint& point : *points) {
                    x_.include(point.x);
                    y_.include(point.y);
                }
    }

    void draw() {
        out_ << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << ' ' << height
             << "\" font-family=\"sans-serif\" font-size=\"12\">\n"
             << "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
        text(left, top - 15, "start", chart_.title, " font-size=\"15\"");
        axes();
        for (size_t i = 0; i < chart_.series.size(); i++)
            series(chart_.series[i], colours[i % std::size(colours)], top + 10 + 18 * (double)i);
        out_ << "</svg>\n";
    }

  private:
    void text(double x, double y, const char* anchor, const std::string& words, const char* more = "") {
        out_ << "<text x=\"" << number(x) << "\" y=\"" << number(y) << "\" text-anchor=\"" << anchor << '"'
             << more << '>' << words << "</text>\n";
    }

    void line(double x1, double y1, double x2, double y2, const char* colour) {
        out_ << "<line x1=\"" << number(x1) << "\" y1=\"" << number(y1) << "\" x2=\"" << number(x2)
             << "\" y2=\"" << number(y2) << "\" stroke=\"" << colour << "\"/>\n";
    }

    void axes() {
        for (const double value : x_.ticks()) {
            line(x_.place(value), top, x_.place(value), height - bottom, "#dddddd");
            text(x_.place(value), height - bottom + 18, "middle", number(value));
        }
        for (const double value : y_.ticks()) {
            line(left, y_.place(value), width - right, y_.place(value), "#dddddd");
            text(left - 8, y_.place(value) + 4, "end", number(value));
        }
        text((left + width - right) / 2, height - 15, "middle", chart_.x_label);
        const std::string turn = " transform=\"rotate(-90 18 " + number(height / 2) + ")\"";
        text(18, height / 2, "middle", chart_.y_label, turn.c_str());
    }

    void series(const ChartSeries& series, const char* colour, double legend_y) {
        if (!series.line.empty()) {
            out_ << "<polyline fill=\"none\" stroke=\"" << colour << "\" stroke-width=\"1.5\" points=\"";
            for (const ChartPoint& point : series.line)
                out_ << number(x_.place(point.x)) << ',' << number(y_.place(point.y)) << ' ';
            out_ << "\"/>\n";
        }
        for (const ChartPoint& point : series.points)
            mark(x_.place(point.x), y_.place(point.y), colour, point.note);
        mark(width - right + 20, legend_y - 4, colour, "");
        text(width - right + 32, legend_y, "start", series.name);
    }

    void mark(double x, double y, const char* colour, const std::string& note) {
        out_ << "<circle cx=\"" << number(x) << "\" cy=\"" << number(y) << "\" r=\"4\" fill=\"" << colour
             << "\" fill-opacity=\"0.75\"><title>" << note << "</title></circle>\n";
    }

    std::ostream& out_;
    const Chart& chart_;
    Axis x_;
    Axis y_;
};

}  // namespace

void write_svg(std::ostream& out, const Chart& chart) { Picture(out, chart).draw(); }

}  // namespace axnn::bench
