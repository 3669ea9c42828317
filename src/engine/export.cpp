#include "engine/export.hpp"
#include "engine/forms.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "engine/directory_reads.hpp"
#include "engine/json_line.hpp"
#include "engine/reads.hpp"
#include "engine/types.hpp"
#include "index/keys.hpp"
#include "record/record.hpp"

namespace kith::engine {

using store::Table;

namespace {

constexpr std::size_t kPieceBytes = 64 * 1024, kItemsPerPiece = 256;

constexpr std::array<std::string_view, 4> kPartyKinds = {"person", "organisation", "household", "anonymous"};
constexpr std::array<std::string_view, 7> kRoles = {"final",   "intermediary", "prospect", "supplier",
                                                    "partner", "competitor",   "employee"};
constexpr std::array<std::string_view, 3> kDirections = {"", "in", "out"};
constexpr std::array<std::string_view, 5> kCauses = {"", "event", "timer", "hand", "definition"};
constexpr std::array<std::string_view, 4> kForKinds = {"", "party", "process", "commitment"};
// How the first of a party's lines begins, and of a process's.
constexpr std::string_view kPartyLine = R"({"record":"party",)", kProcessLine = R"({"record":"process",)";
template <std::size_t N>
std::string_view word(const std::array<std::string_view, N> &words, std::size_t index) {
    return index < N ? words[index] : "unknown";
}

}  // namespace

struct Export::Impl {
    Impl(const Snapshot &view, bool facts)
        : snapshot(view), reads(view), directory(view), facts_only(facts) {}

    base::Result<void> begin();
    base::Result<void> definitions();
    base::Result<void> products();
    base::Result<void> actors();
    base::Result<void> campaigns();
    base::Result<void> scores();
    base::Result<void> links();
    base::Result<void> requests();
    void sort_lines(std::size_t from, std::string_view group = "{");
    base::Result<std::string> name_of(const base::Id &id);
    base::Result<void> request_line(const model::Request &request);
    base::Result<void> score_line(const model::Score &score);
    base::Result<void> link_line(const model::Link &link);
    base::Result<void> party_key(JsonLine &line, std::string_view field, const base::Id &id);
    base::Result<void> code_values(JsonLine &line, std::string_view field,
                                   std::span<const model::CodeValue> values, int digits);
    base::Result<void> fields(JsonLine &line, std::initializer_list<const model::Fields *> of);
    base::Result<std::string> field_json(const model::Fields &fields, const model::FieldValue &value);
    base::Result<void> party(const base::Id &id);
    base::Result<void> party_line(const model::Party &party, std::string_view key);
    base::Result<void> identifier_line(const model::Identifier &identifier, std::string_view key);
    base::Result<void> parent(JsonLine &line, const base::Id &party, const base::Id &parent);
    // By facts alone none of kith's ids is told.
    base::Result<std::string> case_key(std::string_view key) {
        return facts_only ? reads.case_key(key) : base::Result<std::string>(std::string(key));
    }
    base::Result<void> process_lines(const model::Process &process, std::string_view key);
    base::Result<void> membership_lines(const base::Id &party, std::string_view key);
    base::Result<void> transition_line(const model::Transition &transition, std::string_view key,
                                       std::string_view process);
    base::Result<void> commitment_lines(const base::Id &party, std::string_view key);
    base::Result<void> interaction_lines(const base::Id &party, std::string_view key);
    base::Result<void> interaction_line(const InteractionRead &read, std::string_view key);

    base::Result<void> name(JsonLine &line, std::string_view field, model::Name name) {
        if (name == 0) return {};
        KITH_LET(text, snapshot.text(name));
        line.text(field, text);
        return {};
    }
    base::Result<void> codes(JsonLine &line, std::string_view field, std::span<const model::Name> names) {
        if (names.empty()) return {};
        std::string json = "[";
        for (const auto one : names) {
            KITH_LET(text, snapshot.text(one));
            if (json.size() > 1) json += ',';
            base::quote_json(json, text);
        }
        line.raw(field, json + "]");
        return {};
    }
    void amount(JsonLine &line, std::string_view field, const std::optional<std::int64_t> &value,
                base::Currency currency) {
        if (value) line.text(field, base::format_decimal(*value, currency.minor_digits()));
    }
    void recorded(JsonLine &line, std::uint64_t stamp) {
        if (!facts_only) line.text("recorded_at", base::format_time(model::wall_of(stamp)));
    }

    const Snapshot &snapshot;
    Reads reads;
    DirectoryReads directory;
    bool facts_only;
    bool begun = false, scores_done = false, links_done = false, requests_done = false;
    std::string scores_after, links_after;
    base::Id requests_after;
    std::vector<std::pair<std::string, base::Id>> parties;  // by what they are printed as
    std::size_t next_party = 0;
    std::string out;
};

Export::Export(const Snapshot &snapshot, bool facts_only)
    : impl_(std::make_unique<Impl>(snapshot, facts_only)) {}
Export::~Export() = default;

base::Result<std::optional<std::string_view>> Export::next() {
    auto &i = *impl_;
    i.out.clear();
    if (!i.begun) {
        i.begun = true;
        KITH_TRY(i.begin());
        KITH_TRY(i.definitions());
        KITH_TRY(i.products());
        KITH_TRY(i.actors());
        KITH_TRY(i.campaigns());
    }
    while (i.out.size() < kPieceBytes && i.next_party < i.parties.size()) {
        const auto from = i.out.size(), first = i.next_party;
        const auto &name = i.parties[first].first;
        do {
            KITH_TRY(i.party(i.parties[i.next_party++].second));
        } while (i.facts_only && i.next_party < i.parties.size() && i.parties[i.next_party].first == name);
        if (i.next_party - first > 1) i.sort_lines(from, kPartyLine);
    }
    if (i.next_party == i.parties.size() && !i.links_done) KITH_TRY(i.links());
    if (i.links_done && !i.scores_done && i.out.size() < kPieceBytes) KITH_TRY(i.scores());
    if (i.scores_done && !i.requests_done && i.out.size() < kPieceBytes) KITH_TRY(i.requests());
    if (i.out.empty()) return std::optional<std::string_view>();
    return std::optional<std::string_view>(i.out);
}

// Parties in order of id; by facts alone, of what they are called.
base::Result<void> Export::Impl::begin() {
    KITH_LET(cursor, snapshot.reader().cursor(Table::counters));
    KITH_LET(found, cursor.first());
    while (found) {
        const auto id = base::Id::from(cursor.key());
        std::string key;
        if (facts_only) {
            KITH_LET(called, name_of(id));
            key = std::move(called);
        }
        parties.emplace_back(std::move(key), id);
        KITH_LET(more, cursor.next());
        found = more;
    }
    if (facts_only) {
        std::stable_sort(parties.begin(), parties.end(),
                         [](const auto &a, const auto &b) { return a.first < b.first; });
    }
    return {};
}

// The first host key, else the id; by facts alone the first in order of text of the host keys, else of the
// identifiers, and nothing where there is none.
base::Result<std::string> Export::Impl::name_of(const base::Id &id) {
    if (!facts_only) {
        KITH_LET(key, reads.host_key(id));
        return key.empty() ? base::to_text(id) : std::string(key);
    }
    KITH_LET(identifiers, reads.identifiers(id));
    std::string first, name;
    for (const auto &identifier : identifiers) {
        KITH_LET(kind, snapshot.text(identifier.kind));
        std::string key = identifier.flags & model::identifier_flag::host ? "0" : "1";
        key.append(kind).append(1, '\0').append(identifier.value);
        if (!first.empty() && first <= key) continue;
        first = std::move(key);
        name = identifier.value;
    }
    return name;
}

base::Result<void> Export::Impl::definitions() {
    KITH_LET(cursor, snapshot.reader().cursor(Table::definitions));
    KITH_LET(found, cursor.first());
    while (found) {
        KITH_LET(row, cursor.value());
        const auto definition = record::decode_definition(row.payload);
        JsonLine line(out);
        line.text("record", "definition");
        line.text("kind", definition.kind);
        line.text("name", definition.name);
        line.number("version", definition.version);
        line.text("playbook", definition.playbook);
        recorded(line, definition.stamp);
        line.raw("definition", definition.json);
        line.end();
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

// By facts alone, in order of their text: codes, ids and numbers are given in the order of arrival. A line
// that does not begin with `group` stays behind the one before it.
void Export::Impl::sort_lines(std::size_t from, std::string_view group) {
    if (!facts_only) return;
    std::vector<std::string> lines;
    for (auto at = from; at < out.size();) {
        const auto end = out.find('\n', at) + 1;
        const auto line = std::string_view(out).substr(at, end - at);
        if (lines.empty() || line.starts_with(group)) {
            lines.emplace_back(line);
        } else {
            lines.back() += line;
        }
        at = end;
    }
    if (lines.size() < 2) return;
    std::sort(lines.begin(), lines.end());
    out.resize(from);
    for (const auto &line : lines) out += line;
}

base::Result<void> Export::Impl::products() {
    const auto from = out.size();
    KITH_LET(all, directory.products({}, SIZE_MAX));
    for (const auto &product : all.items) {
        JsonLine line(out);
        line.text("record", "product");
        KITH_TRY(name(line, "key", product.key));
        line.text("name", product.name);
        if (!product.category.empty()) {
            std::string path = "[";
            for (const auto code : product.category) {
                KITH_LET(text, snapshot.text(code));
                if (path.size() > 1) path += ',';
                quote_json(path, text);
            }
            line.raw("category", path + "]");
        }
        if (!facts_only) line.number("revision", static_cast<std::int64_t>(product.revision));
        recorded(line, product.created);
        line.end();
    }
    sort_lines(from);
    return {};
}

base::Result<void> Export::Impl::code_values(JsonLine &line, std::string_view field,
                                             std::span<const model::CodeValue> values, int digits) {
    if (values.empty()) return {};
    std::vector<std::pair<std::string_view, std::int64_t>> named;
    for (const auto &value : values) {
        KITH_LET(code, snapshot.text(value.code));
        named.emplace_back(code, value.value);
    }
    if (facts_only) std::sort(named.begin(), named.end());
    std::string object = "{";
    for (const auto &[code, value] : named) {
        if (object.size() > 1) object += ',';
        quote_json(object, code);
        object += ":\"" + base::format_decimal(value, digits) + '"';
    }
    line.raw(field, object + "}");
    return {};
}

base::Result<void> Export::Impl::actors() {
    const auto from = out.size();
    KITH_LET(all, directory.actors({}, SIZE_MAX));
    for (const auto &actor : all.items) {
        JsonLine line(out);
        line.text("record", "actor");
        KITH_TRY(name(line, "key", actor.key));
        line.text("kind", model::word_of(actor.kind));
        line.text("name", actor.name);
        KITH_TRY(name(line, "part_of", actor.part_of));
        if (!actor.active) line.flag("active", false);
        KITH_TRY(name(line, "calendar", actor.calendar));
        KITH_TRY(code_values(line, "skills", actor.skills, 0));
        KITH_TRY(
            code_values(line, "limits", actor.limits, snapshot.store().config().currency.minor_digits()));
        if (!facts_only) line.number("revision", static_cast<std::int64_t>(actor.revision));
        recorded(line, actor.created);
        line.end();
    }
    sort_lines(from);
    return {};
}

base::Result<void> Export::Impl::campaigns() {
    const auto from = out.size();
    KITH_LET(all, directory.campaigns({}, SIZE_MAX));
    for (const auto &campaign : all.items) {
        JsonLine line(out);
        line.text("record", "campaign");
        KITH_TRY(name(line, "key", campaign.key));
        line.text("name", campaign.name);
        KITH_TRY(name(line, "purpose", campaign.purpose));
        if (campaign.starts_at) line.text("starts_at", base::format_time(*campaign.starts_at));
        if (campaign.ends_at) line.text("ends_at", base::format_time(*campaign.ends_at));
        amount(line, "budget", campaign.budget, snapshot.store().config().currency);
        if (!facts_only) line.number("revision", static_cast<std::int64_t>(campaign.revision));
        recorded(line, campaign.created);
        line.end();
    }
    sort_lines(from);
    return {};
}

base::Result<void> Export::Impl::party_key(JsonLine &line, std::string_view field, const base::Id &id) {
    KITH_LET(key, name_of(id));
    line.text(field, key);
    return {};
}

// A piece at a time; by facts alone all at once, as they are put in order.
base::Result<void> Export::Impl::links() {
    const auto from = out.size();
    KITH_LET(page, directory.links({}, {}, links_after, facts_only ? SIZE_MAX : kItemsPerPiece));
    for (const auto &link : page.items) KITH_TRY(link_line(link));
    links_after = page.resume;
    links_done = facts_only || page.items.size() < kItemsPerPiece;
    sort_lines(from);
    return {};
}

base::Result<void> Export::Impl::link_line(const model::Link &link) {
    JsonLine line(out);
    line.text("record", "link");
    line.text("kind", model::word_of(link.key.kind));
    if (link.key.from.kind == model::SubjectKind::actor) {
        KITH_TRY(name(line, "actor", link.key.from.code));
    } else {
        KITH_TRY(party_key(line, "from", link.key.from.party));
    }
    KITH_TRY(party_key(line, "to", link.key.to));
    if (link.valid_from) line.text("valid_from", base::format_time(*link.valid_from));
    if (link.valid_to) line.text("valid_to", base::format_time(*link.valid_to));
    if (link.stance) line.text("stance", word(model::kStanceWords, link.stance));
    if (link.strength) line.number("strength", link.strength);
    recorded(line, link.stamp);
    line.end();
    return {};
}

base::Result<void> Export::Impl::requests() {
    const auto from = out.size();
    KITH_LET(cursor, snapshot.reader().cursor(Table::requests));
    KITH_LET(first, requests_after ? cursor.seek(index::by_id(requests_after)) : cursor.first());
    bool found = first;
    std::size_t count = 0;
    while (found && (facts_only || count < kItemsPerPiece)) {
        KITH_LET(row, cursor.value());
        const auto request = record::decode_request(base::Id::from(cursor.key()), row.payload);
        if (request.id != requests_after) {
            ++count;
            KITH_TRY(request_line(request));
        }
        if (!facts_only) requests_after = request.id;
        KITH_LET(more, cursor.next());
        found = more;
    }
    requests_done = !found;
    sort_lines(from);
    return {};
}

base::Result<void> Export::Impl::request_line(const model::Request &request) {
    JsonLine line(out);
    line.text("record", "request");
    KITH_TRY(party_key(line, "party", request.party));
    if (!facts_only) line.text("id", base::to_text(request.id));
    for (const auto &[field, code] : {std::pair("kind", request.kind), std::pair("by", request.by),
                                      std::pair("to", request.to), std::pair("channel", request.channel)})
        KITH_TRY(name(line, field, code));
    line.text("state", model::word_of(request.state));
    line.text("at", base::format_time(request.at));
    for (const auto &[field, text] : {std::pair("title", request.title), std::pair("item", request.item),
                                      std::pair("result", request.result)}) {
        if (!text.empty()) line.text(field, text);
    }
    if (request.commitment && !facts_only) line.text("commitment", base::to_text(request.commitment));
    if (request.lease_until) line.text("lease_until", base::format_time(*request.lease_until));
    if (request.ended_at) line.text("ended_at", base::format_time(*request.ended_at));
    recorded(line, request.stamp);
    line.end();
    return {};
}

base::Result<void> Export::Impl::scores() {
    const auto from = out.size();
    KITH_LET(page, directory.scores({}, scores_after, facts_only ? SIZE_MAX : kItemsPerPiece));
    for (const auto &score : page.items) KITH_TRY(score_line(score));
    scores_after = page.resume;
    scores_done = facts_only || page.items.size() < kItemsPerPiece;
    sort_lines(from);
    return {};
}

base::Result<void> Export::Impl::score_line(const model::Score &score) {
    const auto &subject = score.key.subject;
    JsonLine line(out);
    line.text("record", "score");
    if (subject.kind == model::SubjectKind::party) {
        KITH_TRY(party_key(line, "party", subject.party));
    } else if (subject.kind == model::SubjectKind::all) {
        line.flag("all", true);
    } else {
        KITH_TRY(name(line, model::word_of(subject.kind), subject.code));
    }
    KITH_TRY(name(line, "metric", score.key.metric));
    KITH_TRY(name(line, "key", score.key.key));
    line.text("at", base::format_time(score.key.at));
    KITH_TRY(name(line, "period", score.period));
    if (score.number) line.real("number", *score.number);
    amount(line, "money", score.money, score.currency);
    if (score.money) line.text("currency", score.currency.text());
    KITH_TRY(name(line, "text", score.text));
    line.text("nature", model::word_of(score.nature));
    KITH_TRY(name(line, "source", score.source));
    if (score.confidence) line.real("confidence", *score.confidence);
    KITH_TRY(name(line, "method", score.method));
    if (score.n) line.number("n", *score.n);
    if (score.spread) line.real("spread", *score.spread);
    if (score.definition_version) line.number("definition_version", score.definition_version);
    KITH_TRY(name(line, "author", score.author));
    KITH_TRY(name(line, "system", score.system));
    line.text("host_key", score.host_key);
    recorded(line, score.stamp);
    line.end();
    return {};
}

// In order of their names, as codes are given in the order of arrival.
base::Result<void> Export::Impl::fields(JsonLine &line, std::initializer_list<const model::Fields *> of) {
    std::map<std::string_view, std::string> by_name;
    for (const auto *fields : of) {
        for (const auto &value : fields->values) {
            KITH_LET(field, snapshot.text(value.name));
            KITH_LET(json, field_json(*fields, value));
            if (!json.empty()) by_name.emplace(field, std::move(json));
        }
    }
    if (by_name.empty()) return {};
    std::string object = "{";
    for (const auto &[field, json] : by_name) {
        if (object.size() > 1) object += ',';
        quote_json(object, field);
        object += ':' + json;
    }
    line.raw("fields", object + "}");
    return {};
}

// By facts alone, a record is told by its name; one that has none is left out.
base::Result<std::string> Export::Impl::field_json(const model::Fields &fields,
                                                   const model::FieldValue &value) {
    using model::FieldKind;
    std::string text, quoted;
    switch (value.kind) {
        case FieldKind::int_:
        case FieldKind::double_:
        case FieldKind::bool_:
            return written(value);
        case FieldKind::written:
            return std::string("null");  // cleared
        case FieldKind::text:
            text = fields.text(value);
            break;
        case FieldKind::code:
        case FieldKind::key: {
            KITH_LET(named, snapshot.text(static_cast<model::Name>(value.number)));
            text = named;
            break;
        }
        case FieldKind::record: {
            KITH_LET(key, name_of(model::id_of(value)));
            if (key.empty()) return key;
            text = std::move(key);
            break;
        }
        default:
            text = written(value);
    }
    quote_json(quoted, text);
    return quoted;
}

base::Result<void> Export::Impl::party(const base::Id &id) {
    KITH_LET(known, reads.party(id));
    if (!known) return base::fail(base::Status::corrupt, "a party's record is missing: run kith verify");
    KITH_LET(key, name_of(id));
    KITH_TRY(party_line(*known, key));
    auto from = out.size();
    KITH_LET(identifiers, reads.identifiers(id));
    for (const auto &identifier : identifiers) KITH_TRY(identifier_line(identifier, key));
    sort_lines(from);
    from = out.size();
    KITH_LET(processes, reads.processes(id));
    for (const auto &read : processes) KITH_TRY(process_lines(read.process, key));
    sort_lines(from, kProcessLine);
    KITH_TRY(membership_lines(id, key));
    from = out.size();
    KITH_TRY(commitment_lines(id, key));
    sort_lines(from);
    return interaction_lines(id, key);
}

base::Result<void> Export::Impl::party_line(const model::Party &party, std::string_view key) {
    JsonLine line(out);
    line.text("record", "party");
    line.text("party", key);
    if (!facts_only) line.text("id", base::to_text(party.id));
    line.text("kind", word(kPartyKinds, static_cast<std::size_t>(party.kind)));
    std::string roles;
    for (std::size_t i = 0; i < kRoles.size(); ++i) {
        if (party.roles >> i & 1) roles += (roles.empty() ? "" : ",") + std::string(kRoles[i]);
    }
    if (!roles.empty()) line.text("roles", roles);
    line.text("name", party.name);
    line.text("language", party.language);
    line.text("time_zone", party.time_zone);
    KITH_TRY(name(line, "owner", party.owner));
    line.text("tags", party.tags);
    KITH_TRY(fields(line, {&party.fields}));
    if (!facts_only) line.number("revision", static_cast<std::int64_t>(party.revision));
    recorded(line, party.created);
    line.end();
    return {};
}

base::Result<void> Export::Impl::identifier_line(const model::Identifier &identifier, std::string_view key) {
    JsonLine line(out);
    line.text("record", "identifier");
    line.text("party", key);
    KITH_TRY(name(line, "kind", identifier.kind));
    line.text("value", identifier.value);
    line.text("normalised", identifier.normalised);
    if (identifier.flags & model::identifier_flag::host) line.flag("host", true);
    if (identifier.flags & model::identifier_flag::shared) line.flag("shared", true);
    if (identifier.verified_at) line.text("verified_at", base::format_time(*identifier.verified_at));
    if (identifier.valid_from) line.text("valid_from", base::format_time(*identifier.valid_from));
    if (identifier.valid_to) line.text("valid_to", base::format_time(*identifier.valid_to));
    recorded(line, identifier.stamp);
    line.end();
    return {};
}

// The id of a process, or by facts alone its name, and its key behind.
base::Result<void> Export::Impl::parent(JsonLine &line, const base::Id &party, const base::Id &parent) {
    if (!facts_only) {
        line.text("parent", base::to_text(parent));
        return {};
    }
    KITH_LET(processes, reads.processes(party));
    for (const auto &read : processes) {
        const auto &process = read.process;
        if (process.id != parent) continue;
        KITH_LET(definition, snapshot.text(process.definition));
        KITH_LET(key, case_key(process.key));
        line.text("parent", std::string(definition) + (key.empty() ? "" : " " + key));
    }
    return {};
}

base::Result<void> Export::Impl::process_lines(const model::Process &process, std::string_view key) {
    KITH_LET(definition, snapshot.text(process.definition));
    JsonLine line(out);
    line.text("record", "process");
    line.text("party", key);
    if (!facts_only) line.text("id", base::to_text(process.id));
    line.text("process", definition);
    KITH_LET(own_key, case_key(process.key));
    if (!own_key.empty()) line.text("key", own_key);
    if (process.parent) KITH_TRY(parent(line, process.party, process.parent));
    line.number("version", process.version);
    KITH_TRY(name(line, "state", process.state));
    line.text("since", base::format_time(process.since));
    line.text("started_at", base::format_time(process.started_at));
    KITH_TRY(fields(line, {&process.fields}));
    line.end();
    KITH_LET(log, reads.log(process.id));
    if (!log) return base::fail(base::Status::corrupt, "a process's log is missing: run kith verify");
    for (const auto &transition : *log) KITH_TRY(transition_line(transition, key, definition));
    return {};
}

// Each entering and leaving.
base::Result<void> Export::Impl::membership_lines(const base::Id &party, std::string_view key) {
    KITH_LET(segments, reads.memberships(party));
    std::vector<std::pair<std::string_view, model::Name>> named;
    for (const auto &one : segments) {
        KITH_LET(segment, snapshot.text(one.segment));
        named.emplace_back(segment, one.segment);
    }
    if (facts_only) std::sort(named.begin(), named.end());
    for (const auto &[segment, code] : named) {
        KITH_LET(log, reads.membership_log(party, code));
        for (const auto &transition : log) KITH_TRY(transition_line(transition, key, segment));
    }
    return {};
}

base::Result<void> Export::Impl::transition_line(const model::Transition &transition, std::string_view key,
                                                 std::string_view process) {
    JsonLine line(out);
    const bool moves_segment = is_membership(transition.process);
    line.text("record", moves_segment ? "membership" : "transition");
    line.text("party", key);
    line.text(moves_segment ? "segment" : "process", process);
    KITH_TRY(name(line, "from", transition.from));
    KITH_TRY(name(line, "to", transition.to));
    line.text("at", base::format_time(transition.at));
    line.text("cause", word(kCauses, static_cast<std::size_t>(transition.cause)));
    KITH_TRY(name(line, "event", transition.event));
    if (transition.cause == model::Cause::event) {
        line.text("event_at", base::format_time(transition.interaction.at));
        if (!facts_only) line.text("interaction", base::to_hex(index::interaction(transition.interaction)));
    }
    line.number("version", transition.version);
    if (transition.late) line.flag("late", true);
    line.text("reason", transition.reason);
    KITH_TRY(name(line, "actor", transition.actor));
    KITH_TRY(fields(line, {&transition.fields}));
    recorded(line, transition.stamp);
    line.end();
    return {};
}

base::Result<void> Export::Impl::commitment_lines(const base::Id &party, std::string_view key) {
    KITH_LET(cursor, snapshot.reader().cursor(Table::rows));
    const auto prefix = index::row(party, index::Tag::commitment);
    KITH_LET(found, cursor.seek(prefix));
    while (found && index::starts_with(cursor.key(), prefix)) {
        KITH_LET(row, cursor.value());
        const auto id = base::Id::from(cursor.key().subspan(24, 16));
        KITH_LET(read, read_commitment(snapshot.reader(), party, id, row.payload));
        const auto &commitment = read.commitment;
        const auto &told = read.personal;
        JsonLine line(out);
        line.text("record", "commitment");
        line.text("party", key);
        if (!facts_only) line.text("id", base::to_text(id));
        line.text("sort", model::word_of(commitment.sort));
        KITH_TRY(name(line, "kind", commitment.kind));
        KITH_TRY(name(line, "name", commitment.name));
        if (told.title.data()) {
            line.text("title", told.title);
        } else {
            KITH_TRY(name(line, "title", commitment.title));
        }
        line.text("state", model::word_of(commitment.state));
        KITH_TRY(name(line, "assignee", commitment.assignee));
        KITH_TRY(name(line, "owner", commitment.owner));
        for (const auto &[field, side] :
             {std::pair("debtor", commitment.debtor), std::pair("creditor", commitment.creditor)}) {
            KITH_TRY(name(line, field, side.actor));
            if (side.party) KITH_TRY(party_key(line, field, side.party));
        }
        if (commitment.for_kind != model::ForKind::none) {
            line.text("for_kind", word(kForKinds, static_cast<std::size_t>(commitment.for_kind)));
            if (!facts_only) line.text("for", base::to_text(commitment.for_record));
        }
        KITH_TRY(codes(line, "require", commitment.require));
        KITH_TRY(codes(line, "artefacts", commitment.artefacts));
        if (commitment.flags & model::commitment_flag::is_explicit) line.flag("explicit", true);
        if (commitment.flags & model::commitment_flag::internal) line.flag("internal", true);
        line.text("opened_at", base::format_time(commitment.opened_at));
        for (const auto &[field, at] :
             {std::pair("due", commitment.due), std::pair("accepted_at", commitment.accepted_at),
              std::pair("started_at", commitment.started_at), std::pair("ended_at", commitment.ended_at),
              std::pair("broken_at", commitment.broken_at)}) {
            if (at) line.text(field, base::format_time(*at));
        }
        if (commitment.told_late) line.flag("late", true);
        KITH_TRY(name(line, "rule", commitment.rule));
        if (commitment.version) line.number("version", commitment.version);
        KITH_TRY(name(line, "system", commitment.system));
        if (commitment.host_key.data()) line.text("key", commitment.host_key);
        for (const auto &[field, text] :
             {std::pair("item", told.item), std::pair("condition", told.condition),
              std::pair("compensation", told.compensation), std::pair("evidence", told.evidence),
              std::pair("result", told.result)}) {
            if (text.data()) line.text(field, text);
        }
        line.end();
        KITH_LET(more, cursor.next());
        found = more;
    }
    return {};
}

base::Result<void> Export::Impl::interaction_lines(const base::Id &party, std::string_view key) {
    KITH_LET(cursor, snapshot.reader().cursor(Table::rows));
    KITH_LET(found, cursor.seek(index::interactions_from(party, base::kMinTime)));
    auto from = out.size();
    auto at = base::kMinTime;  // of the lines from there on
    while (found && index::starts_with(cursor.key(), party.view())) {
        KITH_LET(read, reads.interaction(index::interaction_key(cursor.key())));
        if (read->interaction.key.at != at) {
            sort_lines(from);
            from = out.size();
            at = read->interaction.key.at;
        }
        KITH_TRY(interaction_line(*read, key));
        KITH_LET(more, cursor.next());
        found = more;
    }
    sort_lines(from);
    return {};
}

base::Result<void> Export::Impl::interaction_line(const InteractionRead &read, std::string_view key) {
    const auto &i = read.interaction;
    const auto file_currency = snapshot.store().config().currency;
    JsonLine line(out);
    line.text("record", "interaction");
    line.text("party", key);
    if (!facts_only) line.text("id", base::to_hex(index::interaction(i.key)));
    KITH_TRY(name(line, "type", i.type));
    line.text("at", base::format_time(i.key.at));
    KITH_TRY(name(line, "system", i.system));
    line.text("key", i.host_key);
    amount(line, "amount", i.amount, i.currency);
    if (i.amount) line.text("currency", i.currency.text());
    amount(line, "base_amount", i.base_amount, file_currency);
    if (i.direction) line.text("direction", word(kDirections, i.direction));
    if (i.corrects && !facts_only) line.text("corrects", base::to_hex(index::interaction(*i.corrects)));
    if (i.corrects && facts_only) line.text("corrects_at", base::format_time(i.corrects->at));
    if (!i.lines.empty()) {
        std::string lines = "[";
        for (const auto &one : i.lines) {
            if (lines.size() > 1) lines += ',';
            JsonLine item(lines);
            KITH_TRY(name(item, "product", one.product));
            item.text("quantity", base::format_decimal(one.quantity, 6));
            item.text("unit_price", base::format_decimal(one.unit_price, 6));
            item.text("amount", base::format_decimal(one.amount, i.currency.minor_digits()));
            KITH_TRY(name(item, "category", one.category));
            const auto at = static_cast<std::size_t>(&one - i.lines.data());
            if (!i.margins.empty() && i.margins[at] != model::kNoMargin)
                item.text("margin", base::format_decimal(i.margins[at], i.currency.minor_digits()));
            lines += '}';
        }
        line.raw("lines", lines + "]");
    }
    KITH_TRY(name(line, "medium", i.medium));
    KITH_TRY(name(line, "scope", i.scope));
    KITH_TRY(name(line, "topic", i.topic));
    KITH_TRY(name(line, "outcome", i.outcome));
    KITH_TRY(name(line, "actor", i.actor));
    KITH_TRY(name(line, "owner", i.owner));
    KITH_TRY(name(line, "campaign", i.campaign));
    amount(line, "cost", i.cost, file_currency);
    if (i.duration_s) line.number("duration_s", *i.duration_s);
    KITH_TRY(name(line, "form", i.form));
    if (i.round) line.number("round", i.round);
    KITH_TRY(name(line, "about_kind", i.about_kind));
    KITH_TRY(name(line, "about", i.about));
    if (!i.answers.empty()) {
        std::string answers = "[";
        for (const auto &cell : i.answers) {
            if (answers.size() > 1) answers += ',';
            JsonLine one(answers);
            one.number("row", cell.row);
            KITH_TRY(name(one, "name", cell.name));
            if (const auto number = number_in(cell)) one.real("number", *number);
            if (cell.kind == model::AnswerKind::code || cell.kind == model::AnswerKind::number) {
                KITH_TRY(name(one, "code", cell.code));
            } else if (cell.kind == model::AnswerKind::text) {
                one.text("text", text_in(cell, read.personal.answers));
            } else if (const auto text = written(cell); !text.empty()) {
                one.text("text", text);
            }
            if (cell.derived) one.flag("derived", true);
            answers += '}';
        }
        line.raw("answers", answers + "]");
    }
    line.text("with_whom", read.personal.with_whom);
    line.text("text", read.personal.text);
    line.text("next_step", read.personal.next_step);
    KITH_TRY(fields(line, {&i.fields, &read.personal.fields}));
    recorded(line, i.stamp);
    line.end();
    return {};
}

}  // namespace kith::engine
