# cmake -DOUT=playbooks.cpp -DJSON="a.json;b.json" -P embed.cmake: writes playbooks as one C++ source, without
# line ends and indents, each line a raw literal of its own, since compilers limit the length of one.
set(entries "")
foreach(playbook IN LISTS JSON)
    get_filename_component(name "${playbook}" NAME_WE)
    file(READ "${playbook}" text)
    string(REGEX REPLACE "\n *" ")kith\"\n     R\"kith(" text "${text}")
    string(APPEND entries "    {\"${name}\",\n     R\"kith(${text})kith\"},\n")
endforeach()

file(WRITE "${OUT}" "#include \"playbooks/playbooks.hpp\"

namespace kith::playbooks {

std::span<const BuiltIn> built_in() {
    static constexpr BuiltIn kAll[] = {
${entries}    };
    return kAll;
}

}  // namespace kith::playbooks
")
