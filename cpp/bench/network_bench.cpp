// A whole binary network, images a second: the layers of "VGG-small", the usual one for CIFAR-10 (Courbariaux
// et al., "BinaryNet", 2016), with random weights. Its first layer reads floats, every hidden layer bits.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binary_work.hpp"
#include "float_work.hpp"
#include "suites.hpp"

namespace axnn::bench {
namespace {

constexpr size_t image_edge = 32;

// A binary convolution, and after it a pooling of 2 x 2.
struct HiddenLayer {
    ConvShape conv;
    bool pooled;
};

std::vector<HiddenLayer> hidden_layers(size_t batch) {
    const auto conv = [batch](size_t in, size_t edge, size_t out) {
        return ConvShape{.in_channels = in, .edge = edge, .out_channels = out, .batch = batch};
    };
    const auto linear = [batch](size_t in, size_t out) {
        return ConvShape{
            .in_channels = in, .edge = 1, .out_channels = out, .kernel = 1, .padding = 0, .batch = batch};
    };
    return {{conv(128, 32, 128), true}, {conv(128, 16, 256), false}, {conv(256, 16, 256), true},
            {conv(256, 8, 512), false}, {conv(512, 8, 512), true},   {linear(512 * 4 * 4, 1024), false},
            {linear(1024, 1024), false}};
}

class Network {
  public:
    Network(const Tier& tier, size_t batch, uint32_t threads)
        : batch_(batch),
          first_({.in_channels = 3, .edge = image_edge, .out_channels = 128, .batch = batch}),
          random_(random_source()),
          first_layer_(Layer::floating(tier.id, first_, weights_of(first_), threads)) {
        for (const HiddenLayer& layer : hidden_layers(batch)) {
            hidden_.push_back(layer);
            layers_.push_back(Layer::binary(tier.id, layer.conv, weights_of(layer.conv), threads));
        }
        const ConvShape last = {
            .in_channels = 1024, .edge = 1, .out_channels = 16, .kernel = 1, .padding = 0, .batch = batch};
        layers_.push_back(Layer::binary(tier.id, last, weights_of(last), threads));
        scores_.resize(batch * last.out_channels);
        image_ = random_values<float>(first_.input_size(), [&] { return value_(random_); });
    }

    static double products(size_t batch) {
        double products = (double)batch * 1024 * 16;
        for (const HiddenLayer& layer : hidden_layers(batch)) products += layer.conv.gemm().products();
        return products;
    }

    void run() {
        std::vector<float> y(batch_ * first_.out_channels * first_.out_pixels());
        first_layer_.execute(image_, y);
        std::vector<uint8_t> bits = layers_[0].pack(y, first_.out_channels, first_.out_edge());
        for (size_t i = 0; i < hidden_.size(); i++) {
            const ConvShape& conv = hidden_[i].conv;
            std::vector<uint8_t> next(batch_ * conv.out_pixels() * conv.out_channels / 8);
            layers_[i].execute_bits(bits, next);
            bits = hidden_[i].pooled ? layers_[i].pool(next, conv.out_channels, conv.out_edge())
                                     : std::move(next);
        }
        layers_.back().execute_from_bits(bits, scores_);
    }

    // The same in floats between the layers.
    bool correct() const {
        std::vector<float> x(batch_ * first_.out_channels * first_.out_pixels());
        first_layer_.execute(image_, x);
        for (size_t i = 0; i < hidden_.size(); i++) {
            const ConvShape& conv = hidden_[i].conv;
            std::vector<float> y(batch_ * conv.out_channels * conv.out_pixels());
            layers_[i].execute(x, y);
            x = hidden_[i].pooled ? pooled(y, conv) : y;
            if (i + 1 < hidden_.size() && hidden_[i + 1].conv.edge == 1 && conv.edge > 1)
                x = in_bit_order(x, conv);
        }
        std::vector<float> scores(scores_.size());
        layers_.back().execute(x, scores);
        return scores == scores_;
    }

  private:
    std::vector<float> weights_of(const ConvShape& conv) {
        return random_values<float>(conv.out_channels * conv.gemm().k, [&] { return value_(random_); });
    }
    // Maxima of 2 x 2 pixels.
    static std::vector<float> pooled(const std::vector<float>& y, const ConvShape& conv) {
        const size_t edge = conv.out_edge(), half = edge / 2;
        std::vector<float> result(y.size() / 4);
        for (size_t i = 0; i < result.size(); i++) {
            const size_t plane = i / (half * half), row = i / half % half, col = i % half;
            const float* corner = y.data() + plane * edge * edge + 2 * row * edge + 2 * col;
            result[i] = std::max({corner[0], corner[1], corner[edge], corner[edge + 1]});
        }
        return result;
    }
    // A bit image has the channels of a pixel side by side, and so has a linear layer that reads it.
    static std::vector<float> in_bit_order(const std::vector<float>& x, const ConvShape& conv) {
        const size_t channels = conv.out_channels, pixels = conv.out_pixels() / 4;
        std::vector<float> result(x.size());
        for (size_t i = 0; i < x.size(); i++) {
            const size_t image = i / pixels / channels, channel = i / pixels % channels;
            result[(image * pixels + i % pixels) * channels + channel] = x[i];
        }
        return result;
    }

    size_t batch_;
    ConvShape first_;
    std::mt19937 random_;
    std::uniform_real_distribution<float> value_{-1, 1};
    Layer first_layer_;
    std::vector<HiddenLayer> hidden_;
    std::vector<Layer> layers_;
    std::vector<float> image_;
    std::vector<float> scores_;
};

}  // namespace

std::vector<Result> bench_network(const Tier& tier, const Wanted& wanted) {
    std::vector<Result> results;
    const std::string name = "binary_network";
    for (const size_t batch : {1, 64}) {
        const std::string shape = std::to_string(batch) + "x3x32x32/vgg-small";
        if (!wanted(name, shape)) continue;
        const std::string kernel = tier.kernels.binary_gemm.name;
        Group group("one_thread", Network::products(batch), wanted, Clock::wall);
        group.add<Network>({name, "one_thread", tier.name, shape, true, 1}, tier, batch, 1);
        group.add<Network>({name, kernel, tier.name, shape, true, 2}, tier, batch, 2);
        const std::vector<Result> measured = group.measure();
        results.insert(results.end(), measured.begin(), measured.end());
    }
    return results;
}

}  // namespace axnn::bench
