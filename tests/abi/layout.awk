# Reads the public headers and writes a C program that prints the layout of every struct and the value
# of every constant. It knows the headers' own form: typedef struct NAME { ... } NAME; enum { ... };
# #define KITH_NAME value.
BEGIN {
    print "#include <kith/kith.h>\n#include <stdio.h>\n"
    print "#define STRUCT(t) printf(\"struct %s size %zu\\n\", #t, sizeof(t))"
    print "#define FIELD(t, f) printf(\"field %s.%s offset %zu size %zu\\n\", #t, #f, offsetof(t, f), sizeof(((t *)0)->f))"
    print "#define CONSTANT(c) printf(\"constant %s %lld\\n\", #c, (long long)(c))\n"
    print "int main(void)\n{"
}
{
    while (match($0, /\/\*[^*]*(\*[^*\/][^*]*)*\*\//)) $0 = substr($0, 1, RSTART - 1) substr($0, RSTART + RLENGTH)
    if (in_comment) {
        if (!sub(/^.*\*\//, "")) next
        in_comment = 0
    }
    if (match($0, /\/\*/)) {
        $0 = substr($0, 1, RSTART - 1)
        in_comment = 1
    }
}
/^#define KITH_[A-Z0-9_]+ [^_]/ && $2 !~ /^KITH_(API|NODISCARD)$/ { print "    CONSTANT(" $2 ");" }
/^#/ { next }
/^typedef struct [a-z_]+ \{/ {
    type = $3
    print "    STRUCT(" type ");"
    text = ""
    next
}
/^enum \{/ {
    in_enum = 1
    sub(/^enum \{/, "")
}
in_enum {
    count = split($0, parts, ",")
    for (i = 1; i <= count; ++i)
        if (match(parts[i], /KITH_[A-Z0-9_]+ *=/)) {
            name = substr(parts[i], RSTART, RLENGTH)
            sub(/ *=$/, "", name)
            print "    CONSTANT(" name ");"
        }
    if (/\}/) in_enum = 0
    next
}
type && /^\}/ { type = "" }
type {
    text = text " " $0
    while (match(text, /;/)) {
        field = substr(text, 1, RSTART - 1)
        text = substr(text, RSTART + 1)
        if (match(field, /\(\*[a-z0-9_]+\)/)) {
            field = substr(field, RSTART + 2, RLENGTH - 3)
        } else {
            sub(/ *\[[^\]]*\] *$/, "", field)
            sub(/^.*[ *]/, "", field)
        }
        print "    FIELD(" type ", " field ");"
    }
}
END { print "    return 0;\n}" }
