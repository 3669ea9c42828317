// Goal: what the README tells of a model of one's own is what happens. Method: the blocks of its section are
// carried out in their order, in a folder of their own: ```json NAME is written to that file, ```sh is run by
// a shell with the real command, ```text is what the commands before it print, to the byte.
#include <filesystem>

#include "cli/shop.hpp"

namespace kith::test {
namespace {

struct Block {
    std::string kind, name, text;  // "json", "care.json", what stands in it
};

std::vector<Block> blocks_of(const std::string &section) {
    std::vector<Block> blocks;
    std::istringstream lines(section);
    bool open = false;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("```")) {
            if (open) blocks.back().text += line + "\n";
            continue;
        }
        open = !open;
        if (!open) continue;
        const auto blank = line.find(' ');
        auto &block = blocks.emplace_back();
        block.kind = line.substr(3, blank == line.npos ? line.npos : blank - 3);
        if (blank != line.npos) block.name = line.substr(blank + 1);
    }
    return blocks;
}

class Story : public Shop {
protected:
    // Both of what it prints, in the order of printing.
    std::string shell(const std::string &commands) const {
        const auto program = std::filesystem::absolute(command()).parent_path().string();
        const auto script = write("script.sh", commands);
        const auto printed = path("printed.txt");
        const std::string line = "cd '" + folder_.string() + "' && PATH='" + program +
                                 "':\"$PATH\" LC_ALL=C.UTF-8 NO_COLOR=1 sh '" + script + "' > '" + printed +
                                 "' 2>&1";
        const int status = std::system(line.c_str());
        EXPECT_NE(status, -1);
        return read_text(printed);
    }
};

TEST_F(Story, TheReadmeIsTrue) {
    const std::string readme = read_text(KITH_SOURCE_DIR "/README.md"), title = "\n## A model of your own\n";
    const auto begin = readme.find(title);
    ASSERT_NE(begin, readme.npos);
    const auto section = readme.substr(begin, readme.find("\n## ", begin + 1) - begin);
    std::string printed;
    std::size_t compared = 0;
    for (const auto &block : blocks_of(section)) {
        if (block.kind == "json") {
            write(block.name, block.text);
        } else if (block.kind == "sh") {
            printed = shell(block.text);
        } else {
            ASSERT_EQ(block.kind, "text");
            EXPECT_EQ(printed, block.text);
            ++compared;
        }
    }
    EXPECT_EQ(compared, 6U);
    // What is told: two mistakes with their places, customers placed, a reason, another border, Chinese.
    for (const char *told :
         {"care.json:10:33", "did you mean \"bought\"?", "care.json:21:58", "write ratio(a, b)", "call_today",
          "because", "large is 600", "今天致电", "投诉率"})
        EXPECT_NE(section.find(told), section.npos) << told;
    EXPECT_EQ(run({"verify", file_}).status, 0);
}

}  // namespace
}  // namespace kith::test
