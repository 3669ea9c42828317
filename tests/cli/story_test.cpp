// Goal: what the README tells of a model of one's own, and of what happens next, is what happens. Method: the
// blocks of a section are carried out in their order, in a folder of their own: one with a file's name is
// written to it, ```sh is run by a shell with the real command, ```text is what the commands before it print,
// to the byte.
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

    void live(const std::string &title, std::size_t compared_wanted,
              std::initializer_list<const char *> told) const;
};

// Of the README's section with that title; how many of what it prints were compared.
void Story::live(const std::string &title, std::size_t compared_wanted,
                 std::initializer_list<const char *> told) const {
    const std::string readme = read_text(KITH_SOURCE_DIR "/README.md"), heading = "\n## " + title + "\n";
    const auto begin = readme.find(heading);
    ASSERT_NE(begin, readme.npos);
    const auto section = readme.substr(begin, readme.find("\n## ", begin + 1) - begin);
    std::string printed;
    std::size_t compared = 0;
    for (const auto &block : blocks_of(section)) {
        if (!block.name.empty()) {
            write(block.name, block.text);
        } else if (block.kind == "sh") {
            printed = shell(block.text);
        } else {
            ASSERT_EQ(block.kind, "text");
            EXPECT_EQ(printed, block.text);
            ++compared;
        }
    }
    EXPECT_EQ(compared, compared_wanted);
    for (const char *one : told) EXPECT_NE(section.find(one), section.npos) << one;
}

// What is told: two mistakes with their places, customers placed, a reason, another border, Chinese.
TEST_F(Story, AModelOfYourOwn) {
    live("A model of your own", 6,
         {"care.json:10:33", "did you mean \"bought\"?", "care.json:21:58", "write ratio(a, b)", "call_today",
          "because", "large is 600", "今天致电", "投诉率"});
    EXPECT_EQ(run({"verify", file_}).status, 0);
}

// Who was told when and why, what is late, and the same after the limit was changed.
TEST_F(Story, WhatHappensNext) {
    live("What happens next", 4,
         {"complaint_unanswered", "escalate", "events lived twice", "OVERDUE", "answer_complaint", "eva"});
    EXPECT_EQ(run({"verify", path("desk.kith")}).status, 0);
}

}  // namespace
}  // namespace kith::test
