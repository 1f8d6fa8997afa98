// What one core can do: words and pairs of words of ASCII text, hashed, looked up, counted by document.
// Documents come as one file, a NUL after each. Terms that occur twice or more are the known ones.
// Prints seconds of the fastest of three rounds, and the sum of counts so that no work is left out.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

static std::uint64_t mixed(std::uint64_t h) {
    h ^= h >> 32;
    h *= 0xD6E8FEB86659FD93ull;
    return h ^ (h >> 32);
}

struct Table {  // open addressing, at most half full
    std::vector<std::uint64_t> keys;
    std::vector<std::uint32_t> values;
    std::size_t mask;
    explicit Table(std::size_t n) {
        std::size_t size = 1;
        while (size < 2 * n + 2) size *= 2;
        keys.assign(size, 0);
        values.assign(size, 0);
        mask = size - 1;
    }
    std::uint32_t find(std::uint64_t h, bool insert, std::uint32_t value) {
        std::size_t at = h & mask;
        while (keys[at] && keys[at] != h) at = (at + 1) & mask;
        if (keys[at]) return values[at];
        if (insert) { keys[at] = h; values[at] = value; return value; }
        return 0;
    }
};

template <class Use> static void terms(const std::string& text, Use use) {
    std::uint64_t word = 0, last = 0;
    int length = 0;
    for (unsigned char c : text) {
        if (c >= 'A' && c <= 'Z') c += 32;
        bool inside = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (inside) { word = (word + c + 1) * 0x9E3779B97F4A7C15ull; ++length; continue; }
        if (length >= 2) {
            std::uint64_t h = mixed(word);
            use(h, false);
            if (last) use(mixed(last * 0x9DDFEA08EB382D69ull + h), false);
            last = h;
        }
        word = 0;
        length = 0;
        if (c == 0) { use(0, true); last = 0; }
    }
}

int main(int, char** argv) {
    std::ifstream file(argv[1], std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::vector<std::uint64_t> all;
    terms(text, [&](std::uint64_t h, bool end) { if (!end) all.push_back(h); });
    std::sort(all.begin(), all.end());
    std::vector<std::uint64_t> known;  // those that occur twice or more
    for (std::size_t i = 1; i < all.size(); ++i)
        if (all[i] == all[i - 1] && (known.empty() || known.back() != all[i])) known.push_back(all[i]);
    Table table(known.size());
    for (std::uint32_t i = 0; i < known.size(); ++i) table.find(known[i], true, i + 1);
    double best = 1e9;
    std::uint64_t sum = 0;
    for (int round = 0; round < 3; ++round) {
        auto begin = std::chrono::steady_clock::now();
        std::vector<std::uint32_t> document, columns, counts;
        terms(text, [&](std::uint64_t h, bool end) {
            if (!end) { if (std::uint32_t column = table.find(h, false, 0)) document.push_back(column); return; }
            std::sort(document.begin(), document.end());
            for (std::size_t i = 0; i < document.size();) {
                std::size_t j = i;
                while (j < document.size() && document[j] == document[i]) ++j;
                columns.push_back(document[i]);
                counts.push_back(static_cast<std::uint32_t>(j - i));
                i = j;
            }
            document.clear();
        });
        std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
        best = std::min(best, spent.count());
        for (std::uint32_t count : counts) sum += count;
    }
    std::printf("%.6f %llu\n", best, static_cast<unsigned long long>(sum));
}
