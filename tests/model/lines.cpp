#include "model/lines.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace kith_model {

namespace {

Text text_in(const kith_str &text) {
    return text.data ? Text(std::string(text.data, text.size)) : std::nullopt;
}
std::string word_in(const kith_str &text) { return text_in(text).value_or(""); }
kith_str str(std::string_view text) { return {text.data(), text.size()}; }

kith_time wall_of(std::uint64_t stamp) { return static_cast<kith_time>(stamp >> 16) * 1000; }

std::string uuid(const Id &id) {
    auto out = hex(id);
    for (const std::size_t dash : {8u, 13u, 18u, 23u}) out.insert(dash, "-");
    return out;
}

std::string time_text(kith_time at) {
    char buffer[40];
    return {buffer, kith_time_format(at, buffer, sizeof buffer)};
}

std::string decimal(std::int64_t value, std::uint32_t digits) {
    char buffer[40];
    return {buffer, kith_decimal_format(value, digits, buffer, sizeof buffer)};
}

std::uint32_t digits_of(std::string_view currency) { return currency == "JPY" ? 0 : 2; }

// One JSON object, fields in the order given; what is absent is left out.
class Object {
public:
    Object &text(std::string_view name, const Text &value) {
        if (!value) return *this;
        begin(name);
        out_ += '"';
        std::size_t begin = 0;
        for (auto at = value->find_first_of("\"\\"); at != value->npos;
             at = value->find_first_of("\"\\", at + 1)) {
            out_.append(*value, begin, at - begin) += '\\';
            begin = at;
        }
        out_.append(*value, begin) += '"';
        return *this;
    }
    Object &word(std::string_view name, const std::string &value) {
        return value.empty() ? *this : text(name, value);
    }
    Object &time(std::string_view name, const Number &at) { return at ? text(name, time_text(*at)) : *this; }
    Object &raw(std::string_view name, const std::string &value) {
        begin(name);
        out_ += value;
        return *this;
    }
    template <class T>
    Object &number(std::string_view name, T value) {
        return raw(name, std::to_string(value));
    }
    std::string end() const { return out_ + "}"; }

private:
    void begin(std::string_view name) {
        out_ += out_.size() > 1 ? ",\"" : "\"";
        out_ += name;
        out_ += "\":";
    }
    std::string out_ = "{";
};

// How records are written: as they stand in this file, or by facts alone.
struct Writing {
    bool facts_only = false;
    std::vector<std::string> lines;

    void recorded(Object &line, std::uint64_t stamp) const {
        if (!facts_only) line.time("recorded_at", wall_of(stamp));
    }
    void put(const Party &party, const std::string &key) {
        constexpr const char *kKinds[] = {"person", "organisation", "household", "anonymous"};
        constexpr const char *kRoles[] = {"final",   "intermediary", "prospect", "supplier",
                                          "partner", "competitor",   "employee"};
        std::string roles;
        for (std::uint32_t i = 0; i < 7; ++i) {
            if (party.roles >> i & 1) roles += (roles.empty() ? "" : ",") + std::string(kRoles[i]);
        }
        Object line;
        line.text("record", "party").text("party", key);
        if (!facts_only) line.text("id", uuid(party.id));
        line.text("kind", kKinds[party.kind]).word("roles", roles).text("name", party.name);
        line.text("language", party.language).text("time_zone", party.time_zone).text("owner", party.owner);
        line.text("tags", party.tags);
        if (!facts_only) line.number("revision", party.revision);
        recorded(line, party.created);
        lines.push_back(line.end());
    }
    void put(const Identifier &identifier, const std::string &key) {
        Object line;
        line.text("record", "identifier").text("party", key).text("kind", identifier.kind);
        line.text("value", identifier.value).text("normalised", identifier.normalised);
        if (identifier.host) line.raw("host", "true");
        if (identifier.shared) line.raw("shared", "true");
        line.time("verified_at", identifier.verified_at).time("valid_from", identifier.valid_from);
        line.time("valid_to", identifier.valid_to);
        recorded(line, identifier.stamp);
        lines.push_back(line.end());
    }
    void put(const Process &process, const std::string &key) {
        Object line;
        line.text("record", "process").text("party", key);
        if (!facts_only) line.text("id", uuid(process.id));
        line.text("process", "promise").number("version", 1).text("state", process.state);
        line.time("since", process.since).time("started_at", process.started_at);
        lines.push_back(line.end());
        for (const auto &transition : process.log) put(transition, key);
    }
    void put(const Transition &transition, const std::string &key) {
        Object line;
        line.text("record", "transition").text("party", key).text("process", "promise");
        line.word("from", transition.from).text("to", transition.to).time("at", transition.at);
        line.text("cause", transition.event.empty() ? "timer" : "event").word("event", transition.event);
        if (!transition.event.empty()) {
            line.time("event_at", transition.event_at);
            if (!facts_only)
                line.text("interaction", hex(transition.interaction.data(), transition.interaction.size()));
        }
        line.number("version", 1);
        if (transition.late) line.raw("late", "true");
        recorded(line, transition.stamp);
        lines.push_back(line.end());
    }
    void put(const Commitment &commitment, const std::string &key) {
        constexpr const char *kStates[] = {"",       "open",   "accepted",  "doing",       "kept",
                                           "broken", "waived", "cancelled", "compensated", "historic"};
        Object line;
        line.text("record", "commitment").text("party", key);
        if (!facts_only) line.text("id", uuid(commitment.id));
        line.text("sort", "task").text("kind", "call_back").text("title", "Call back");
        line.text("state", kStates[commitment.state]).text("owner", commitment.owner);
        line.time("opened_at", commitment.opened_at).time("due", commitment.due);
        line.time("accepted_at", commitment.accepted_at).time("started_at", commitment.started_at);
        line.time("ended_at", commitment.ended_at).time("broken_at", commitment.broken_at);
        if (commitment.told_late) line.raw("late", "true");
        line.number("version", 1);
        lines.push_back(line.end());
    }
    void put(const Interaction &interaction, const std::string &key) {
        const auto &content = interaction.content;
        const auto digits = digits_of(content.currency);
        Object line;
        line.text("record", "interaction").text("party", key);
        if (!facts_only) line.text("id", hex(interaction.id.data(), interaction.id.size()));
        line.text("type", content.type).time("at", content.at).text("system", content.system);
        line.text("key", content.key);
        if (content.amount)
            line.text("amount", decimal(*content.amount, digits)).text("currency", content.currency);
        if (content.base_amount) line.text("base_amount", decimal(*content.base_amount, 2));
        if (content.direction) line.text("direction", content.direction == KITH_DIRECTION_IN ? "in" : "out");
        if (content.corrects) {
            // 16 bytes of party, then the time as it sorts.
            std::uint64_t at = 0;
            for (std::size_t i = 16; i < 24; ++i) at = at << 8 | (*content.corrects)[i];
            if (facts_only) line.time("corrects_at", static_cast<kith_time>(at ^ 1ULL << 63));
            if (!facts_only) line.text("corrects", hex(content.corrects->data(), content.corrects->size()));
        }
        if (!content.lines.empty()) {
            std::string all = "[";
            for (const auto &one : content.lines) {
                Object item;
                item.word("product", one.product).text("quantity", decimal(one.quantity, 6));
                item.text("unit_price", decimal(one.unit_price, 6))
                    .text("amount", decimal(one.amount, digits));
                item.text("category", one.category);
                if (one.margin) item.text("margin", decimal(*one.margin, digits));
                all += (all.size() > 1 ? "," : "") + item.end();
            }
            line.raw("lines", all + "]");
        }
        line.text("medium", content.medium).text("scope", content.scope).text("topic", content.topic);
        line.text("outcome", content.outcome).text("actor", content.actor);
        line.text("owner", interaction.owner).text("campaign", content.campaign);
        if (content.cost) line.text("cost", decimal(*content.cost, 2));
        if (content.duration_s) line.number("duration_s", *content.duration_s);
        line.text("with_whom", content.with_whom).text("text", content.text);
        line.text("next_step", content.next_step);
        recorded(line, interaction.stamp);
        lines.push_back(line.end());
    }
    void put(const Figures &figures, const std::string &key) {
        Object line;
        line.text("read", "figures").text("party", key).number("interactions", figures.interactions);
        line.number("orders", figures.orders).number("returns", figures.returns);
        line.number("amount_total", figures.amount_total).number("returns_total", figures.returns_total);
        line.time("first_order_at", figures.first_order_at).time("last_order_at", figures.last_order_at);
        line.time("last_at", figures.last_at).number("median_gap_ms", figures.median_gap_ms.value_or(-1));
        lines.push_back(line.end());
    }
    void put(std::uint64_t seq, const Change &change, const Text &party_key) {
        Object line;
        line.number("seq", seq).number("kind", change.kind).number("operation", change.operation);
        line.number("changed", change.changed).text("party", hex(change.party));
        line.text("record", hex(change.record));
        line.text("interaction", hex(change.interaction.data(), change.interaction.size()));
        line.text("name", change.name).text("from", change.from).text("to", change.to);
        line.time("at", change.at).number("stamp", change.stamp).text("party_key", party_key);
        lines.push_back(line.end());
    }
};

// Beside the lines of the export, what only reads show of a party.
std::string read_only(const Party &party) {
    return Object()
        .text("read", "party")
        .text("host_key", party.host_key())
        .number("stamp", party.changed)
        .end();
}
std::string process_read(const Process &process, const Id &party) {
    Object line;
    line.text("read", "process").text("party", hex(party)).text("id", hex(process.id));
    line.text("state", process.state).time("due", process.due());
    return line.end();
}

std::vector<const Party *> by_id(const File &file) {
    std::vector<const Party *> all;
    for (const auto &party : file.parties) all.push_back(&party);
    std::sort(all.begin(), all.end(), [](const auto *a, const auto *b) { return a->id < b->id; });
    return all;
}

std::string key_of(const Party &party, bool facts_only) {
    if (!facts_only) return party.host_key().value_or(uuid(party.id));
    // The first in order of text, host keys before others.
    std::optional<std::tuple<bool, std::string, std::string>> first;
    for (const auto &each : party.identifiers) {
        const std::tuple one(!each.host, each.kind, each.value);
        if (!first || one < *first) first = one;
    }
    return first ? std::get<2>(*first) : "";
}

std::vector<std::pair<const Party *, const Commitment *>> by_due(const File &file) {
    std::vector<std::pair<const Party *, const Commitment *>> all;
    for (const auto &party : file.parties) {
        for (const auto &one : party.commitments) {
            if (one.is_open()) all.emplace_back(&party, &one);
        }
    }
    std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) {
        return std::pair(a.second->due, a.second->id) < std::pair(b.second->due, b.second->id);
    });
    return all;
}

std::string info_line(const kith_info &info) {
    Object line;
    line.text("read", "info").number("parties", info.parties).number("anonymous", info.anonymous);
    line.number("identifiers", info.identifiers).number("interactions", info.interactions);
    line.number("orders", info.orders).number("returns", info.returns);
    line.number("amount_total", info.amount_total).number("returns_total", info.returns_total);
    line.time("first_at", info.first_at).time("last_at", info.last_at).time("due_through", info.due_through);
    line.number("processes", info.processes).number("commitments_open", info.commitments_open);
    line.number("definitions", info.definitions).number("feed_first", info.feed_first);
    return line.number("feed_last", info.feed_last).end();
}

void done(kith_status status, const char *call, const kith_error &error) {
    if (status != KITH_OK)
        throw Mismatch(std::string(call) + ": " + kith_status_name(status) + " " + error.message);
}

template <class T, void (*Free)(T *)>
struct Owned {
    T *it = nullptr;
    Owned() = default;
    Owned(const Owned &) = delete;
    Owned &operator=(const Owned &) = delete;
    ~Owned() { Free(it); }
};
using Page = Owned<kith_page, kith_page_free>;
using Cursor = Owned<kith_cursor, kith_cursor_free>;

// Every page of a list; after each page but the last a new cursor goes on by its token.
template <class Visit>
void each_page(kith_snapshot *snapshot, kith_query query, std::uint32_t page_size, const Visit &visit) {
    auto error = make<kith_error>();
    std::string token;
    for (;;) {
        Cursor cursor;
        query.resume = str(token);
        done(kith_cursor_open(snapshot, &query, &cursor.it, &error), "kith_cursor_open", error);
        Page page;
        const auto status = kith_cursor_next(cursor.it, page_size, &page.it, &error);
        if (status == KITH_END) return;
        done(status, "kith_cursor_next", error);
        visit(page.it);
        kith_str resume;
        kith_page_resume(page.it, &resume);
        token = word_in(resume);
        if (token.empty()) return;
    }
}

Party party_in(const kith_party &in) {
    Party out;
    out.id = id_in(in.id);
    out.kind = in.kind;
    out.roles = in.roles;
    out.name = text_in(in.name);
    out.language = text_in(in.language);
    out.time_zone = text_in(in.time_zone);
    out.owner = text_in(in.owner);
    out.tags = text_in(in.tags);
    out.revision = in.revision;
    out.created = static_cast<std::uint64_t>(in.created_at / 1000) << 16;
    out.changed = in.stamp;
    if (in.host_key.data)
        out.identifiers.push_back({{}, word_in(in.host_key), {}, true, false, {}, {}, {}, 0});
    return out;
}

Interaction interaction_in(const kith_interaction &in) {
    Interaction out;
    out.id = id_in(in.id);
    out.party = id_in(in.party);
    out.stamp = in.stamp;
    auto &content = out.content;
    const auto set = [&](std::uint32_t field, Number &target, std::int64_t value) {
        if (in.fields & field) target = value;
    };
    content.type = word_in(in.type);
    content.at = in.at;
    content.system = text_in(in.system);
    content.key = text_in(in.key);
    set(KITH_INTERACTION_FIELD_AMOUNT, content.amount, in.amount);
    set(KITH_INTERACTION_FIELD_BASE_AMOUNT, content.base_amount, in.base_amount);
    set(KITH_INTERACTION_FIELD_COST, content.cost, in.cost);
    set(KITH_INTERACTION_FIELD_DURATION, content.duration_s, in.duration_s);
    content.currency.assign(reinterpret_cast<const char *>(in.currency), 3);
    content.direction = in.direction;
    if (in.fields & KITH_INTERACTION_FIELD_CORRECTS) content.corrects = id_in(in.corrects);
    for (std::size_t i = 0; i < in.line_count; ++i) {
        const auto &line = in.lines[i];
        content.lines.push_back({word_in(line.product), line.quantity, line.unit_price, line.amount,
                                 text_in(line.category),
                                 line.fields & KITH_LINE_FIELD_MARGIN ? Number(line.margin) : Number()});
    }
    content.medium = text_in(in.medium);
    content.scope = text_in(in.scope);
    content.topic = text_in(in.topic);
    content.outcome = text_in(in.outcome);
    content.actor = text_in(in.actor);
    content.campaign = text_in(in.campaign);
    out.owner = text_in(in.owner);
    content.with_whom = text_in(in.with_whom);
    content.text = text_in(in.text);
    content.next_step = text_in(in.next_step);
    return out;
}

Identifier identifier_in(const kith_identifier &in) {
    Identifier out;
    out.kind = word_in(in.kind);
    out.value = word_in(in.value);
    out.normalised = word_in(in.normalised);
    out.host = in.flags & KITH_IDENTIFIER_HOST;
    out.shared = in.flags & KITH_IDENTIFIER_SHARED;
    if (in.fields & KITH_IDENTIFIER_FIELD_VERIFIED_AT) out.verified_at = in.verified_at;
    if (in.fields & KITH_IDENTIFIER_FIELD_VALID_FROM) out.valid_from = in.valid_from;
    if (in.fields & KITH_IDENTIFIER_FIELD_VALID_TO) out.valid_to = in.valid_to;
    return out;
}

Commitment commitment_in(const kith_commitment &in) {
    Commitment out;
    out.id = id_in(in.id);
    out.process = id_in(in.process);
    out.state = in.state;
    out.opened_at = in.opened_at;
    out.due = in.due;
    if (in.fields & KITH_COMMITMENT_FIELD_ENDED_AT) out.ended_at = in.ended_at;
    if (in.fields & KITH_COMMITMENT_FIELD_BROKEN_AT) out.broken_at = in.broken_at;
    if (in.fields & KITH_COMMITMENT_FIELD_ACCEPTED_AT) out.accepted_at = in.accepted_at;
    if (in.fields & KITH_COMMITMENT_FIELD_STARTED_AT) out.started_at = in.started_at;
    out.told_late = in.told_late != 0;
    out.owner = text_in(in.owner);
    return out;
}

Figures figures_in(const kith_figures &in) {
    Figures out;
    out.interactions = in.interactions;
    out.orders = in.orders;
    out.returns = in.returns;
    out.amount_total = in.amount_total;
    out.returns_total = in.returns_total;
    if (in.fields & KITH_FIGURES_FIELD_FIRST_ORDER) {
        out.first_order_at = in.first_order_at;
        out.last_order_at = in.last_order_at;
    }
    if (in.fields & KITH_FIGURES_FIELD_MEDIAN_GAP) out.median_gap_ms = in.median_gap_ms;
    if (in.fields & KITH_FIGURES_FIELD_LAST_AT) out.last_at = in.last_at;
    return out;
}

Transition transition_in(const kith_transition &in) {
    Transition out;
    out.from = word_in(in.from);
    out.to = word_in(in.to);
    out.event = word_in(in.event);
    out.at = in.at;
    out.interaction = id_in(in.interaction);
    out.late = in.late;
    out.stamp = static_cast<std::uint64_t>(in.recorded_at / 1000) << 16;
    return out;
}

Process process_in(const kith_process &in) {
    Process out;
    out.id = id_in(in.id);
    out.state = word_in(in.state);
    out.since = in.since;
    out.started_at = in.started_at;
    return out;
}

// How timelines are asked for.
enum Timeline { all_of_it, orders, window };
constexpr Timeline kTimelines[] = {all_of_it, orders, window};
constexpr kith_time kFrom = kNow - 100 * kDay, kUntil = kNow + 20 * kDay;

// A read of an identifier shows no stamp; the export does.
void put_unstamped(Writing &out, Identifier identifier, const std::string &key) {
    identifier.stamp = 0;
    out.put(identifier, key);
}

void observe_party(Writing &out, kith_snapshot *snapshot, const kith_party &listed, std::uint32_t page_size,
                   const File &file) {
    auto error = make<kith_error>();
    auto got = make<kith_party>();
    done(kith_party_get(snapshot, &listed.id, &got, &error), "kith_party_get", error);
    const auto party = party_in(got);
    const auto key = key_of(party, false);
    out.put(party, key);
    out.lines.push_back(read_only(party));
    if (read_only(party_in(listed)) != read_only(party)) throw Mismatch("a party listed is not the one read");
    Page page;
    done(kith_brief(snapshot, &listed.id, 3, &page.it, &error), "kith_brief", error);
    std::size_t count = 0;
    const auto *const *identifiers = kith_page_identifiers(page.it, &count);
    for (std::size_t i = 0; i < count; ++i) put_unstamped(out, identifier_in(*identifiers[i]), key);
    out.put(figures_in(*kith_page_figures(page.it)), key);
    const auto *const *processes = kith_page_processes(page.it, &count);
    for (std::size_t i = 0; i < count; ++i) {
        auto process = process_in(*processes[i]);
        Page log;
        done(kith_process_log(snapshot, &processes[i]->id, &log.it, &error), "kith_process_log", error);
        std::size_t entries = 0;
        const auto *const *transitions = kith_page_transitions(log.it, &entries);
        for (std::size_t j = 0; j < entries; ++j) {
            process.log.push_back(transition_in(*transitions[j]));
            if (const auto event = file.interaction(process.log.back().interaction))
                process.log.back().event_at = event->content.at;
        }
        out.put(process, key);
    }
    const auto *const *commitments = kith_page_commitments(page.it, &count);
    for (std::size_t i = 0; i < count; ++i) out.put(commitment_in(*commitments[i]), key);
    const auto *const *newest = kith_page_interactions(page.it, &count);
    for (std::size_t i = 0; i < count; ++i) out.put(interaction_in(*newest[i]), key);

    auto query = make<kith_query>();
    query.list = KITH_LIST_TIMELINE;
    query.party = listed.id;
    query.from = kFrom;
    query.until = kUntil;
    for (const auto wanted : kTimelines) {
        query.type = wanted == orders ? str("order") : kith_str{};
        query.fields = wanted == window ? KITH_QUERY_FIELD_FROM | KITH_QUERY_FIELD_UNTIL : 0;
        each_page(snapshot, query, page_size, [&](kith_page *one) {
            const auto *const *all = kith_page_interactions(one, &count);
            for (std::size_t i = 0; i < count; ++i) out.put(interaction_in(*all[i]), key);
        });
    }
}

}  // namespace

void same(const std::string &what, const std::vector<std::string> &wanted,
          const std::vector<std::string> &found) {
    for (std::size_t i = 0; i < std::max(wanted.size(), found.size()); ++i) {
        const auto at = [&](const auto &lines) { return i < lines.size() ? lines[i] : "(nothing)"; };
        if (at(wanted) != at(found))
            throw Mismatch(what + ", line " + std::to_string(i) + "\n  wanted " + at(wanted) + "\n  found  " +
                           at(found));
    }
}

std::string hex(const std::uint8_t *bytes, std::size_t size) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string out(size * 2, '0');
    for (std::size_t i = 0; i < size; ++i) {
        out[2 * i] = kDigits[bytes[i] >> 4];
        out[2 * i + 1] = kDigits[bytes[i] & 15];
    }
    return out;
}

std::vector<std::string> expected_reads(const File &file) {
    Writing out;
    kith_info info{};
    Number first, last;
    for (const auto *party : by_id(file)) {
        const auto key = key_of(*party, false);
        out.put(*party, key);
        out.lines.push_back(read_only(*party));
        for (const auto &identifier : party->identifiers) put_unstamped(out, identifier, key);
        const auto figures = file.figures(*party);
        out.put(figures, key);
        if (party->promise) out.put(*party->promise, key);
        for (const auto &[owner, commitment] : by_due(file)) {
            if (owner == party) out.put(*commitment, key);
        }
        auto timeline = file.timeline(party->id);
        std::reverse(timeline.begin(), timeline.end());
        for (std::size_t i = 0; i < std::min<std::size_t>(3, timeline.size()); ++i)
            out.put(*timeline[i], key);
        for (const auto wanted : kTimelines) {
            for (const auto &one : timeline) {
                const auto &content = one->content;
                if (wanted == orders && content.type != "order") continue;
                if (wanted == window && (content.at < kFrom || content.at >= kUntil)) continue;
                out.put(*one, key);
            }
        }
        ++info.parties;
        info.anonymous += party->kind == KITH_PARTY_ANONYMOUS;
        info.identifiers += party->identifiers.size();
        info.interactions += figures.interactions;
        info.orders += figures.orders;
        info.returns += figures.returns;
        info.amount_total += figures.amount_total;
        info.returns_total += figures.returns_total;
        if (figures.last_at) {
            first = std::min(first.value_or(INT64_MAX), *figures.first_at);
            last = std::max(last.value_or(INT64_MIN), *figures.last_at);
        }
        info.processes += party->promise.has_value();
    }
    info.first_at = first.value_or(0);
    info.last_at = last.value_or(0);
    info.due_through = file.due_through;
    info.definitions = file.defined != 0 ? 1 + std::size(kMetrics) : 0;
    info.feed_first = !file.feed.empty();
    info.feed_last = file.feed.size();
    for (const auto until : {KITH_MAX_TIME, kUntil}) {
        for (const auto &[party, commitment] : by_due(file)) {
            if (commitment->due <= until) out.put(*commitment, party->host_key().value_or("none"));
        }
    }
    info.commitments_open = by_due(file).size();
    for (const char *state : {"waiting", "lapsed"}) {
        std::uint64_t count = 0;
        for (const auto *party : by_id(file)) {
            if (!party->promise || party->promise->state != state) continue;
            out.lines.push_back(process_read(*party->promise, party->id));
            ++count;
        }
        if (file.defined) out.lines.push_back(state + (": " + std::to_string(count)));
    }
    out.lines.push_back(info_line(info));
    return out.lines;
}

std::vector<std::string> observed_reads(kith_snapshot *snapshot, const File &file, std::uint32_t page) {
    Writing out;
    auto error = make<kith_error>();
    auto query = make<kith_query>();
    std::size_t count = 0;
    query.list = KITH_LIST_PARTIES;
    each_page(snapshot, query, page, [&](kith_page *one) {
        const auto *const *parties = kith_page_parties(one, &count);
        for (std::size_t i = 0, n = count; i < n; ++i) observe_party(out, snapshot, *parties[i], page, file);
    });
    query.list = KITH_LIST_COMMITMENTS;
    for (const std::uint32_t fields : {0u, std::uint32_t{KITH_QUERY_FIELD_UNTIL}}) {
        query.fields = fields;
        query.until = kUntil;
        each_page(snapshot, query, page, [&](kith_page *one) {
            const auto *const *commitments = kith_page_commitments(one, &count);
            for (std::size_t i = 0; i < count; ++i)
                out.put(commitment_in(*commitments[i]), text_in(commitments[i]->party_key).value_or("none"));
        });
    }
    query.fields = 0;
    Owned<kith_table, kith_table_free> states;
    const auto known = kith_process_states(snapshot, "promise", KITH_NTS, &states.it, &error);
    if (file.defined || known != KITH_NOT_FOUND) done(known, "kith_process_states", error);
    query.list = KITH_LIST_PROCESSES;
    query.definition = str("promise");
    auto names = make<kith_column>(), counts = make<kith_column>();
    if (states.it) {
        done(kith_table_column(states.it, 0, &names, &error), "kith_table_column", error);
        done(kith_table_column(states.it, 1, &counts, &error), "kith_table_column", error);
    }
    for (std::size_t row = 0; row < names.count; ++row) {
        query.state = names.texts[row];
        each_page(snapshot, query, page, [&](kith_page *one) {
            const auto *const *processes = kith_page_processes(one, &count);
            for (std::size_t i = 0; i < count; ++i) {
                auto line = process_read(process_in(*processes[i]), id_in(processes[i]->party));
                out.lines.push_back(line);
                const bool due = processes[i]->fields & KITH_PROCESS_FIELD_DUE;
                if (process_in(*processes[i]).due() != (due ? Number(processes[i]->due) : std::nullopt))
                    throw Mismatch("a process is due at another time: " + line);
            }
        });
        out.lines.push_back(word_in(names.texts[row]) + ": " + std::to_string(counts.ints[row]));
    }
    auto info = make<kith_info>();
    done(kith_store_info(snapshot, &info, &error), "kith_store_info", error);
    out.lines.push_back(info_line(info));
    return out.lines;
}

void check_lookups(kith_snapshot *snapshot, const File &file) {
    auto error = make<kith_error>();
    const auto look = [&](const Ref &ref) {
        Id wanted{};
        const auto status = file.find(ref, wanted);
        kith_ref in{ref.by, 0, {}, str(ref.kind), str(ref.value)};
        kith_id found;
        same("kith_party_find " + ref.kind + " " + ref.value, status,
             kith_party_find(snapshot, &in, &found, &error));
        if (status == KITH_OK) same("party found", {hex(wanted)}, {hex(id_in(found))});
    };
    for (const auto &party : file.parties) {
        for (const auto &identifier : party.identifiers) {
            Ref ref;
            ref.by = identifier.host ? KITH_REF_HOST : KITH_REF_IDENTIFIER;
            ref.kind = identifier.kind;
            ref.value = identifier.value;
            look(ref);
            ref.value += "9";  // another, or none
            look(ref);
        }
        kith_id found;
        const auto text = uuid(party.id);
        done(kith_party_search(snapshot, text.data(), text.size(), &found, &error), "kith_party_search",
             error);
        same("party found", {hex(party.id)}, {hex(id_in(found))});
        if (const auto key = party.host_key()) {
            done(kith_party_search(snapshot, key->data(), key->size(), &found, &error), "kith_party_search",
                 error);
        }
    }
    Writing wanted, found;
    for (const auto &one : file.interactions) {  // corrected ones too
        kith_interaction_id id;
        std::memcpy(id.bytes, one->id.data(), one->id.size());
        Page page;
        done(kith_interaction_get(snapshot, &id, &page.it, &error), "kith_interaction_get", error);
        std::size_t count = 0;
        const auto *const *got = kith_page_interactions(page.it, &count);
        same("interactions read", 1u, count);
        wanted.put(*one, hex(one->party));
        found.put(interaction_in(*got[0]), hex(interaction_in(*got[0]).party));
        if (!one->content.key) continue;
        const auto &system = *one->content.system, &key = *one->content.key;
        done(kith_interaction_find(snapshot, system.data(), system.size(), key.data(), key.size(), &id,
                                   &error),
             "kith_interaction_find", error);
        same("interaction found", {hex(one->id.data(), 32)}, {hex(id.bytes, 32)});
    }
    same("interactions by id", wanted.lines, found.lines);
    const kith_id nobody{{9}};
    const kith_interaction_id nothing{{9}};
    auto party = make<kith_party>();
    Page page;
    same("an unknown id", kith_status{KITH_NOT_FOUND}, kith_party_get(snapshot, &nobody, &party, &error));
    same("an unknown id", kith_status{KITH_NOT_FOUND},
         kith_interaction_get(snapshot, &nothing, &page.it, &error));
}

void check_values(kith_snapshot *snapshot, const File &file, kith_time now) {
    if (!file.built) return;
    // By what the value is of: a party's id, an actor's key, or nothing.
    std::map<std::string, std::map<std::string, std::int64_t>> wanted, found;
    wanted["sold"][""] = 0;
    std::map<std::string, std::set<std::string>> media;
    const auto month = [](kith_time at) {
        using namespace std::chrono;
        const year_month_day day(floor<days>(sys_time<microseconds>(microseconds(at))));
        return year_month(day.year(), day.month());
    };
    for (const auto &party : file.parties) {
        const auto id = hex(party.id);
        if (party.kind != KITH_PARTY_ANONYMOUS)
            for (const auto *metric : {"bought", "lately", "spread"}) wanted[metric][id] = 0;
        for (const auto &one : file.timeline(party.id)) {
            const auto &content = one->content;
            const bool order = content.type == "order";
            if (content.actor) wanted["taken"].try_emplace(*content.actor, 0);
            if (content.at > now) continue;
            if (order && content.actor) ++wanted["taken"][*content.actor];
            if (order && month(content.at) == month(now)) ++wanted["sold"][""];
            if (party.kind == KITH_PARTY_ANONYMOUS) continue;
            wanted["bought"][id] += order;
            wanted["lately"][id] += content.at > now - 90 * kDay;
            if (content.medium && media[id].insert(*content.medium).second) ++wanted["spread"][id];
        }
    }
    auto error = make<kith_error>();
    const auto read = [&](std::uint32_t subject, std::vector<kith_str> names) {
        auto options = make<kith_values_options>();
        options.subject = subject;
        options.fields = KITH_VALUE_FIELD_NOW;
        options.now = now;
        options.names = names.data();
        options.name_count = names.size();
        Owned<kith_table, kith_table_free> table;
        done(kith_values(snapshot, &options, &table.it, &error), "kith_values", error);
        std::size_t rows = 0, columns = 0;
        kith_table_size(table.it, &rows, &columns, nullptr);
        auto key = make<kith_column>();
        if (columns > names.size())
            done(kith_table_column(table.it, columns - names.size() - 1, &key, &error), "kith_table_column",
                 error);
        for (std::size_t i = 0; i < names.size(); ++i) {
            auto values = make<kith_column>();
            done(kith_table_column(table.it, columns - names.size() + i, &values, &error),
                 "kith_table_column", error);
            for (std::size_t row = 0; row < rows; ++row) {
                if (values.present && !values.present[row]) throw Mismatch("a value is unknown");
                const auto of = key.ids ? hex(id_in(key.ids[row])) : key.texts ? word_in(key.texts[row]) : "";
                found[word_in(names[i])][of] = values.ints[row];
            }
        }
    };
    read(KITH_SUBJECT_PARTY, {str("bought"), str("lately"), str("spread")});
    read(KITH_SUBJECT_ACTOR, {str("taken")});
    read(KITH_SUBJECT_ALL, {str("sold")});
    // Whether an actor without orders has sums depends on what was measured and taken back.
    for (auto *all : {&wanted, &found})
        std::erase_if((*all)["taken"], [](const auto &one) { return one.second == 0; });
    const auto lines = [](const auto &all) {
        std::vector<std::string> out;
        for (const auto &[metric, values] : all)
            for (const auto &[of, value] : values)
                out.push_back(metric + " " + of + ": " + std::to_string(value));
        return out;
    };
    same("values", lines(wanted), lines(found));
}

std::vector<std::string> expected_feed(const File &file, std::uint64_t seq) {
    Writing out;
    for (auto i = seq; i < file.feed.size(); ++i) {
        const auto &change = file.feed[i];
        const auto *party = file.party(change.party);
        out.put(i + 1, change, party ? party->host_key() : std::nullopt);
    }
    return out.lines;
}

std::vector<std::string> observed_feed(kith_snapshot *snapshot, std::uint64_t seq, std::uint32_t page_size) {
    Writing out;
    auto error = make<kith_error>();
    for (;;) {
        Page page;
        const auto status = kith_feed_read(snapshot, seq, page_size, &page.it, &error);
        if (status == KITH_END) return out.lines;
        done(status, "kith_feed_read", error);
        std::size_t count = 0;
        const auto *const *changes = kith_page_changes(page.it, &count);
        for (std::size_t i = 0; i < count; ++i) {
            const auto &in = *changes[i];
            out.put(
                in.seq,
                {in.kind, in.operation, in.changed, id_in(in.party), id_in(in.record), id_in(in.interaction),
                 word_in(in.name), word_in(in.from), word_in(in.to), in.at, in.stamp},
                text_in(in.party_key));
            seq = in.seq;
        }
    }
}

std::vector<std::string> expected_export(const File &file, bool facts_only) {
    Writing out{facts_only, {}};
    if (file.defined) {
        const auto put = [&](const char *kind, std::string_view name, std::string_view json) {
            Object line;
            line.text("record", "definition").text("kind", kind).text("name", std::string(name));
            line.number("version", 1).text("playbook", "model");
            out.recorded(line, file.defined);
            out.lines.push_back(line.raw("definition", std::string(json)).end());
        };
        auto metrics = std::to_array(kMetrics);
        std::ranges::sort(metrics);
        for (const auto &[name, json] : metrics) put("metric", name, json);
        put("process", "promise", kDefinition);
    }
    // By facts alone, each kind of a party's lines in order of text, and interactions of one time; parties of
    // one name too.
    std::vector<std::pair<std::string, std::vector<std::string>>> parties;
    for (const auto *party : by_id(file)) {
        const auto key = key_of(*party, facts_only);
        Writing own{facts_only, {}};
        const auto sort_from = [&](std::size_t from) {
            if (facts_only) std::sort(own.lines.begin() + static_cast<std::ptrdiff_t>(from), own.lines.end());
        };
        own.put(*party, key);
        for (const auto &identifier : party->identifiers) own.put(identifier, key);
        sort_from(1);
        if (party->promise) own.put(*party->promise, key);
        auto commitments = party->commitments;
        std::sort(commitments.begin(), commitments.end(),
                  [](const auto &a, const auto &b) { return a.id < b.id; });
        auto from = own.lines.size();
        for (const auto &commitment : commitments) own.put(commitment, key);
        sort_from(from);
        std::vector<std::shared_ptr<const Interaction>> all;
        for (const auto &one : file.interactions) {
            if (one->party == party->id) all.push_back(one);
        }
        std::sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a->id < b->id; });
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (i == 0 || all[i]->content.at != all[i - 1]->content.at) from = own.lines.size();
            own.put(*all[i], key);
            sort_from(from);
        }
        parties.emplace_back(key, std::move(own.lines));
    }
    if (facts_only) std::sort(parties.begin(), parties.end());
    for (auto &[key, lines] : parties) out.lines.insert(out.lines.end(), lines.begin(), lines.end());
    return out.lines;
}

std::vector<std::string> observed_export(kith_snapshot *snapshot, bool facts_only) {
    auto error = make<kith_error>();
    auto options = make<kith_export_options>();
    options.flags = facts_only ? KITH_EXPORT_FACTS_ONLY : 0;
    Owned<kith_export, kith_export_free> lines;
    done(kith_export_open(snapshot, &options, &lines.it, &error), "kith_export_open", error);
    std::vector<std::string> out;
    kith_str piece;
    kith_status status;
    while ((status = kith_export_next(lines.it, &piece, &error)) == KITH_OK) {
        std::string_view rest(piece.data, piece.size);
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            if (end == rest.npos) throw Mismatch("a piece of the export is not whole lines");
            out.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
    }
    if (status != KITH_END) done(status, "kith_export_next", error);
    return out;
}

}  // namespace kith_model
