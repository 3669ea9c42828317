#include "cli/sample_names.hpp"

#include <array>
#include <numeric>

namespace kith::cli {

namespace {

struct Part {
    std::string_view written;
    std::string_view ascii;
};

struct Culture {
    std::string_view language;
    std::uint32_t weight;  // of a thousand
    bool family_first;
    std::array<Part, 8> given;
    std::array<Part, 8> family;
};

constexpr std::array<Culture, 10> kCultures{{
    {"de",
     330,
     false,
     {{{"Anna", "anna"},
       {"Jürgen", "juergen"},
       {"Käthe", "kaethe"},
       {"Lukas", "lukas"},
       {"Sophie", "sophie"},
       {"Björn", "bjoern"},
       {"Frieda", "frieda"},
       {"Matthias", "matthias"}}},
     {{{"Müller", "mueller"},
       {"Weiß", "weiss"},
       {"Schröder", "schroeder"},
       {"Lindner", "lindner"},
       {"Böhm", "boehm"},
       {"Krämer", "kraemer"},
       {"Vogt", "vogt"},
       {"Hofstätter", "hofstaetter"}}}},
    {"en",
     220,
     false,
     {{{"Olivia", "olivia"},
       {"Harry", "harry"},
       {"Grace", "grace"},
       {"Owen", "owen"},
       {"Maeve", "maeve"},
       {"Callum", "callum"},
       {"Ruby", "ruby"},
       {"Edward", "edward"}}},
     {{{"O'Brien", "obrien"},
       {"Whitfield", "whitfield"},
       {"Ashby", "ashby"},
       {"Fairburn", "fairburn"},
       {"Penhale", "penhale"},
       {"Thornley", "thornley"},
       {"Macrae", "macrae"},
       {"Winslow", "winslow"}}}},
    {"fr",
     110,
     false,
     {{{"Chloé", "chloe"},
       {"François", "francois"},
       {"Inès", "ines"},
       {"Théo", "theo"},
       {"Hélène", "helene"},
       {"Gaël", "gael"},
       {"Zoé", "zoe"},
       {"Benoît", "benoit"}}},
     {{{"Lefèvre", "lefevre"},
       {"Dubois", "dubois"},
       {"Garnier", "garnier"},
       {"Béranger", "beranger"},
       {"Chastain", "chastain"},
       {"Noël", "noel"},
       {"d'Aubigné", "daubigne"},
       {"Perrault", "perrault"}}}},
    {"es",
     80,
     false,
     {{{"Lucía", "lucia"},
       {"Íñigo", "inigo"},
       {"Sofía", "sofia"},
       {"Andrés", "andres"},
       {"Begoña", "begona"},
       {"Mateo", "mateo"},
       {"Rocío", "rocio"},
       {"Joaquín", "joaquin"}}},
     {{{"Núñez", "nunez"},
       {"García", "garcia"},
       {"Peña", "pena"},
       {"Ibáñez", "ibanez"},
       {"Rey", "rey"},
       {"Castaño", "castano"},
       {"Belmonte", "belmonte"},
       {"Solís", "solis"}}}},
    {"pl",
     70,
     false,
     {{{"Łucja", "lucja"},
       {"Paweł", "pawel"},
       {"Zofia", "zofia"},
       {"Grzegorz", "grzegorz"},
       {"Małgosia", "malgosia"},
       {"Jędrzej", "jedrzej"},
       {"Hanna", "hanna"},
       {"Michał", "michal"}}},
     {{{"Wójcik", "wojcik"},
       {"Dąbek", "dabek"},
       {"Zięba", "zieba"},
       {"Gołąb", "golab"},
       {"Mróz", "mroz"},
       {"Żuraw", "zuraw"},
       {"Klimek", "klimek"},
       {"Świerk", "swierk"}}}},
    {"tr",
     60,
     false,
     {{{"Ayşe", "ayse"},
       {"Çağlar", "caglar"},
       {"Elif", "elif"},
       {"Oğuz", "oguz"},
       {"İpek", "ipek"},
       {"Deniz", "deniz"},
       {"Gülşen", "gulsen"},
       {"Tarık", "tarik"}}},
     {{{"Yılmaz", "yilmaz"},
       {"Öztürk", "ozturk"},
       {"Şahin", "sahin"},
       {"Güneş", "gunes"},
       {"Aydın", "aydin"},
       {"Çelik", "celik"},
       {"Doğan", "dogan"},
       {"Kılıç", "kilic"}}}},
    {"zh",
     50,
     true,
     {{{"小雨", "xiaoyu"},
       {"建国", "jianguo"},
       {"思远", "siyuan"},
       {"美玲", "meiling"},
       {"子涵", "zihan"},
       {"文博", "wenbo"},
       {"晓梅", "xiaomei"},
       {"天翔", "tianxiang"}}},
     {{{"王", "wang"},
       {"李", "li"},
       {"陈", "chen"},
       {"林", "lin"},
       {"赵", "zhao"},
       {"欧阳", "ouyang"},
       {"周", "zhou"},
       {"吴", "wu"}}}},
    {"ja",
     20,
     true,
     {{{"さくら", "sakura"},
       {"健太", "kenta"},
       {"美咲", "misaki"},
       {"大輔", "daisuke"},
       {"陽菜", "hina"},
       {"翔", "sho"},
       {"ゆい", "yui"},
       {"直樹", "naoki"}}},
     {{{"佐藤", "sato"},
       {"高橋", "takahashi"},
       {"渡辺", "watanabe"},
       {"小林", "kobayashi"},
       {"山本", "yamamoto"},
       {"中村", "nakamura"},
       {"石川", "ishikawa"},
       {"森", "mori"}}}},
    {"el",
     30,
     false,
     {{{"Ελένη", "eleni"},
       {"Νίκος", "nikos"},
       {"Μαρία", "maria"},
       {"Γιώργος", "giorgos"},
       {"Δήμητρα", "dimitra"},
       {"Κώστας", "kostas"},
       {"Σοφία", "sofia"},
       {"Πέτρος", "petros"}}},
     {{{"Παπαδάκη", "papadaki"},
       {"Νικολάου", "nikolaou"},
       {"Βλάχου", "vlachou"},
       {"Μακρή", "makri"},
       {"Αλεξίου", "alexiou"},
       {"Δούκα", "douka"},
       {"Ρήγα", "riga"},
       {"Ζερβού", "zervou"}}}},
    {"uk",
     30,
     false,
     {{{"Оксана", "oksana"},
       {"Тарас", "taras"},
       {"Юлія", "yuliia"},
       {"Богдан", "bohdan"},
       {"Дарина", "daryna"},
       {"Іван", "ivan"},
       {"Соломія", "solomiia"},
       {"Максим", "maksym"}}},
     {{{"Шевчук", "shevchuk"},
       {"Коваль", "koval"},
       {"Мельник", "melnyk"},
       {"Гончар", "honchar"},
       {"Зірка", "zirka"},
       {"Лисенко", "lysenko"},
       {"Ткач", "tkach"},
       {"Гай", "hai"}}}},
}};

constexpr std::array<std::string_view, 8> kTrades{"Café",       "Hotel",    "Teahouse",    "Bakery",
                                                  "Guesthouse", "Bookshop", "Yoga Studio", "Florist"};
constexpr std::array<Part, 10> kSigns{{{"Three Bridges", "threebridges"},
                                       {"Lindenblüte", "lindenbluete"},
                                       {"Blue Heron", "blueheron"},
                                       {"Zum Kranich", "zumkranich"},
                                       {"Old Mill", "oldmill"},
                                       {"Étoile", "etoile"},
                                       {"Nordwind", "nordwind"},
                                       {"Seven Plums", "sevenplums"},
                                       {"Am Markt", "ammarkt"},
                                       {"Silver Birch", "silverbirch"}}};

constexpr std::uint32_t total_weight() {
    return std::accumulate(kCultures.begin(), kCultures.end(), 0U,
                           [](std::uint32_t sum, const Culture &culture) { return sum + culture.weight; });
}
static_assert(total_weight() == 1000);

const Culture &pick_culture(SampleRandom &random) {
    std::uint32_t at = random.below(1000);
    std::size_t index = 0;
    while (at >= kCultures[index].weight) at -= kCultures[index++].weight;
    return kCultures[index];
}

std::string joined(std::string_view first, std::string_view between, std::string_view second) {
    return std::string(first).append(between).append(second);
}

}  // namespace

SampleName person_name(SampleRandom &random) {
    const Culture &culture = pick_culture(random);
    const Part given = culture.given[random.below(8)];
    const Part family = culture.family[random.below(8)];
    return {culture.family_first ? joined(family.written, "", given.written)
                                 : joined(given.written, " ", family.written),
            joined(given.ascii, ".", family.ascii), culture.language};
}

SampleName organisation_name(SampleRandom &random) {
    const std::string_view trade = kTrades[random.below(static_cast<std::uint32_t>(kTrades.size()))];
    const Part sign = kSigns[random.below(static_cast<std::uint32_t>(kSigns.size()))];
    return {joined(trade, " ", sign.written), joined("office", ".", sign.ascii), "en"};
}

}  // namespace kith::cli
