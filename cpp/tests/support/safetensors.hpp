// Reader of safetensors files: 8 bytes header length, a JSON header, raw little-endian data.
//
// Strict: whatever is not exactly such a file is a std::runtime_error.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace axnn::test {

// The part of JSON that a safetensors header needs: objects, arrays, strings, unsigned integers.
class JsonCursor {
  public:
    explicit JsonCursor(std::string_view text) : rest_(text) {}

    bool accept(char c) {
        skip_space();
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char c) {
        if (!accept(c)) fail(std::string("expected '") + c + "'");
    }

    void expect_end() {
        skip_space();
        if (!rest_.empty()) fail("expected the end");
    }

    // Calls member(key) with the cursor on the value, for every member of an object.
    template <typename Member>
    void object(Member member) {
        expect('{');
        if (accept('}')) return;
        do {
            const std::string key = string();
            expect(':');
            member(key);
        } while (accept(','));
        expect('}');
    }

    std::vector<uint64_t> integers() {
        std::vector<uint64_t> values;
        expect('[');
        if (accept(']')) return values;
        do values.push_back(integer());
        while (accept(','));
        expect(']');
        return values;
    }

    std::string string() {
        std::string value;
        expect('"');
        for (;;) {
            const char c = next();
            if (c == '"') return value;
            if (static_cast<unsigned char>(c) < 0x20) fail("control character in a string");
            if (c == '\\') value += escape();
            else value += c;
        }
    }

  private:
    uint64_t integer() {
        skip_space();
        uint64_t value = 0;
        size_t digits = 0;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; digits++)
            value = value * 10 + static_cast<uint64_t>(next() - '0');
        if (digits == 0 || digits > 18) fail("expected an unsigned integer");
        return value;
    }

    std::string escape() {
        switch (const char c = next()) {
            case '"':
            case '\\':
            case '/':
                return std::string(1, c);
            case 'b':
                return "\b";
            case 'f':
                return "\f";
            case 'n':
                return "\n";
            case 'r':
                return "\r";
            case 't':
                return "\t";
            case 'u':
                return utf8(code_unit());
            default:
                fail("unknown escape");
        }
    }

    uint32_t code_unit() {
        static constexpr std::string_view digits = "0123456789abcdef";
        uint32_t value = 0;
        for (int i = 0; i < 4; i++) {
            const size_t digit = digits.find(static_cast<char>(next() | 0x20));
            if (digit == std::string_view::npos) fail("expected a hexadecimal digit");
            value = value * 16 + static_cast<uint32_t>(digit);
        }
        return value;
    }

    std::string utf8(uint32_t code) {
        if (code >= 0xD800 && code < 0xE000) fail("surrogates are not read");
        const auto tail = [](uint32_t bits) { return static_cast<char>(0x80 | (bits & 0x3F)); };
        if (code < 0x80) return {static_cast<char>(code)};
        if (code < 0x800) return {static_cast<char>(0xC0 | code >> 6), tail(code)};
        return {static_cast<char>(0xE0 | code >> 12), tail(code >> 6), tail(code)};
    }

    char next() {
        if (rest_.empty()) fail("unexpected end");
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    void skip_space() {
        while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_.front()) != std::string_view::npos)
            rest_.remove_prefix(1);
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw std::runtime_error("JSON header: " + what + " at \"" + std::string(rest_.substr(0, 20)) + "\"");
    }

    std::string_view rest_;
};

class Safetensors {
  public:
    static Safetensors read(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        if (!file) throw std::runtime_error("cannot open " + path.string());
        return Safetensors(std::string(std::istreambuf_iterator<char>(file), {}));
    }

    explicit Safetensors(std::string bytes) : bytes_(std::move(bytes)) {
        uint64_t header_bytes = 0;
        if (bytes_.size() < sizeof header_bytes) throw std::runtime_error("no header length");
        std::memcpy(&header_bytes, bytes_.data(), sizeof header_bytes);
        if (header_bytes > bytes_.size() - sizeof header_bytes) throw std::runtime_error("header is cut off");
        data_ = sizeof header_bytes + header_bytes;
        JsonCursor json(std::string_view(bytes_).substr(sizeof header_bytes, header_bytes));
        json.object([&](const std::string& name) {
            if (name == "__metadata__") read_metadata(json);
            else read_tensor(json, name);
        });
        json.expect_end();
    }

    bool has(const std::string& tensor) const { return tensors_.contains(tensor); }

    std::vector<uint64_t> shape(const std::string& tensor) const { return find(tensors_, tensor).shape; }

    // The elements of a tensor, whose dtype must be T's.
    template <typename T>
    std::vector<T> get(const std::string& name) const {
        const Tensor& tensor = find(tensors_, name);
        if (tensor.dtype != dtype_of(T{})) throw std::runtime_error(name + " has dtype " + tensor.dtype);
        std::vector<T> values((tensor.end - tensor.begin) / sizeof(T));
        std::memcpy(values.data(), bytes_.data() + data_ + tensor.begin, tensor.end - tensor.begin);
        return values;
    }

    const std::string& text(const std::string& key) const { return find(metadata_, key); }

    int32_t integer(const std::string& key) const {
        const std::string& value = text(key);
        size_t used = 0;
        const int result = std::stoi(value, &used);
        if (used != value.size()) throw std::runtime_error(key + " is " + value + ", not an integer");
        return result;
    }

    bool flag(const std::string& key) const {
        const std::string& value = text(key);
        if (value != "true" && value != "false")
            throw std::runtime_error(key + " is " + value + ", not a flag");
        return value == "true";
    }

  private:
    struct Tensor {
        std::string dtype;
        std::vector<uint64_t> shape;
        uint64_t begin;
        uint64_t end;
    };

    static std::string dtype_of(float) { return "F32"; }
    static std::string dtype_of(int32_t) { return "I32"; }
    static std::string dtype_of(int8_t) { return "I8"; }
    static std::string dtype_of(uint8_t) { return "U8"; }

    static uint64_t element_bytes(const std::string& dtype) {
        if (dtype == "F32" || dtype == "I32") return 4;
        if (dtype == "I8" || dtype == "U8") return 1;
        throw std::runtime_error("unknown dtype " + dtype);
    }

    void read_metadata(JsonCursor& json) {
        json.object([&](const std::string& key) {
            if (!metadata_.emplace(key, json.string()).second)
                throw std::runtime_error(key + " appears twice");
        });
    }

    void read_tensor(JsonCursor& json, const std::string& name) {
        Tensor tensor{};
        std::vector<uint64_t> offsets;
        json.object([&](const std::string& key) {
            if (key == "dtype") tensor.dtype = json.string();
            else if (key == "shape") tensor.shape = json.integers();
            else if (key == "data_offsets") offsets = json.integers();
            else throw std::runtime_error(name + " has the unknown member " + key);
        });
        uint64_t bytes = element_bytes(tensor.dtype);
        for (uint64_t size : tensor.shape)
            if (__builtin_mul_overflow(bytes, size, &bytes)) throw std::runtime_error(name + " is too large");
        if (offsets.size() != 2 || offsets[0] > offsets[1] || offsets[1] > bytes_.size() - data_ ||
            offsets[1] - offsets[0] != bytes)
            throw std::runtime_error(name + ": data_offsets do not fit shape and file");
        tensor.begin = offsets[0];
        tensor.end = offsets[1];
        if (!tensors_.emplace(name, tensor).second) throw std::runtime_error(name + " appears twice");
    }

    template <typename Value>
    static const Value& find(const std::map<std::string, Value>& map, const std::string& key) {
        const auto found = map.find(key);
        if (found == map.end()) throw std::runtime_error("the file has no " + key);
        return found->second;
    }

    std::string bytes_;
    uint64_t data_;
    std::map<std::string, std::string> metadata_;
    std::map<std::string, Tensor> tensors_;
};

}  // namespace axnn::test
