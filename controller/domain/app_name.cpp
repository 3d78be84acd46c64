#include "controller/domain/app_name.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <array>

namespace deis::controller {
namespace {

// clang-format off
constexpr auto kAdjectives = std::to_array<std::string_view>({
    "active", "airier", "amused", "artful", "astute", "benign", "better", "bluish", "bolder", "bonded",
    "bright", "bronze", "candid", "casual", "cheery", "chirpy", "choice", "clever", "cloudy", "coated",
    "copper", "cosier", "cosmic", "cuddly", "curved", "dapper", "daring", "decent", "divine", "driven",
    "earthy", "easier", "exotic", "fabled", "famous", "floral", "fluent", "formal", "frosty", "frozen",
    "gentle", "gifted", "gilded", "ginger", "glassy", "global", "glossy", "golden", "grassy", "hearty",
    "heroic", "honest", "humble", "hushed", "indigo", "inland", "jaunty", "jovial", "joyful", "joyous",
    "kindly", "linear", "lively", "lordly", "loving", "lucent", "mellow", "mighty", "modern", "modest",
    "mutual", "native", "nimble", "normal", "orange", "ornate", "padded", "pastel", "peachy", "placid",
    "plucky", "poetic", "polite", "pretty", "proven", "purple", "quaint", "quirky", "robust", "rooted",
    "rosier", "rustic", "sacred", "salted", "savory", "serene", "shaded", "silent", "silken", "silver",
    "simple", "sleepy", "smooth", "snappy", "solemn", "spotty", "spring", "stable", "steady", "sturdy",
    "subtle", "sudden", "summer", "sunlit", "superb", "tender", "tidier", "timely", "tinted", "tiptop",
    "trendy", "tropic", "trusty", "unique", "upbeat", "urbane", "useful", "valued", "velvet", "verbal",
    "viable", "violet", "warmer", "wilder", "winged", "winter", "wooden", "woolly", "worthy", "yellow",
    "zanier",
});

constexpr auto kNouns = std::to_array<std::string_view>({
    "aardvark", "aircraft", "airfield", "airspace", "albacore", "almanack", "amethyst", "anteater",
    "antelope", "armchair", "asteroid", "backpack", "badlands", "bagpipes", "balloons", "ballpark",
    "barnacle", "basement", "bassinet", "bathrobe", "bayberry", "beanpole", "bedstead", "beehives",
    "bergamot", "birdbath", "birdcage", "blizzard", "bluebell", "bobwhite", "boldness", "bookcase",
    "bookmark", "boulders", "bracelet", "breakers", "broccoli", "building", "bulldoze", "bungalow",
    "calendar", "campfire", "campsite", "capybara", "cardinal", "carousel", "catalogs", "caterers",
    "cauldron", "cavalier", "cinnamon", "clarinet", "cloister", "clothier", "coachman", "codebook",
    "colander", "compiler", "computer", "copyists", "cornmeal", "creature", "cucumber", "cupboard",
    "currents", "daffodil", "daybreak", "dewdrops", "distance", "dockyard", "dolphins", "doorbell",
    "drawings", "eggplant", "elephant", "elevator", "emeralds", "envelope", "epilogue", "espresso",
    "explorer", "eyeglass", "farmyard", "feathers", "festival", "firewood", "fishbowl", "flagpole",
    "flamenco", "flamingo", "fountain", "foxglove", "freezers", "frontier", "gadgetry", "gardener",
    "gauntlet", "gemstone", "geranium", "glaciers", "goldfish", "graphite", "greyling", "guardian",
    "hacienda", "handbook", "handrail", "harbours", "harmonic", "hawthorn", "hedgehog", "hedgerow",
    "heirloom", "highland", "homeland", "horizons", "hornbeam", "hyacinth", "icebergs", "inkwells",
    "intaglio", "ironwood", "islander", "jamboree", "jetliner", "jonquils", "keepsake", "keyboard",
    "keystone", "kilogram", "kindling", "kingbird", "kinsfolk", "ladybird", "landmark", "lanterns",
    "larkspur", "lavender", "lemonade", "lighters", "lodestar", "longboat", "magnolia", "mandolin",
    "mangrove", "marigold", "marzipan", "meridian", "midnight", "milepost", "minstrel", "mongoose",
    "monolith", "moonbeam", "moonrise", "mountain", "mushroom", "narwhals", "nautilus", "neckties",
    "notebook", "nutshell", "oatmeals", "obelisks", "omelette", "orchards", "outfield", "overcoat",
    "pancakes", "parakeet", "parasols", "passport", "pavement", "pavilion", "peacocks", "pedestal",
    "pendulum", "peppered", "pheasant", "pinecone", "pinwheel", "platypus", "porpoise", "postcard",
    "primrose", "puffball", "quadrant", "quagmire", "quantity", "railroad", "rainbows", "raincoat",
    "rainfall", "reindeer", "rhythmic", "rosebush", "rowboats", "saffrons", "sailboat", "sailfish",
    "sandwich", "sapphire", "scallops", "scenario", "seahorse", "seashell", "seedling", "shepherd",
    "sidewalk", "signpost", "snowball", "snowdrop", "softball", "songbird", "songbook", "soybeans",
    "spaniels", "sprinkle", "squirrel", "stairway", "starfish", "starling", "steamers", "stopover",
    "sunlight", "sunshade", "surfaces", "tabletop", "tapestry", "teaspoon", "terraces", "thickets",
    "throttle", "tinkerer", "toboggan", "tortoise", "townsman", "treasure", "treetops", "triangle",
    "trombone", "turnpike", "umbrella", "universe", "vacation", "vineyard", "virtuoso", "volcanic",
    "wanderer", "warbling", "wardrobe", "waterway", "wavelets", "wayfarer", "wildlife", "windmill",
    "windpipe", "wineskin", "woodland", "woodwind", "workshop", "yachting", "yearling", "yodelers",
    "zeppelin", "zucchini",
});
// clang-format on

std::string_view pick(std::span<const std::string_view> words) {
  return words[random_below(static_cast<std::uint32_t>(words.size()))];
}

}  // namespace

AppId random_app_id() {
  return AppId::parse(std::string(pick(kAdjectives)) + "-" + std::string(pick(kNouns)));
}

void check_not_reserved(const AppId& id, const PlatformSettings& settings) {
  const bool reserved = id.str() == settings.subdomain || settings.reserved_names.contains(id.str());
  if (reserved) throw Error(ErrorCode::invalid, "id", id.str() + " is a reserved name.");
}

std::span<const std::string_view> app_name_adjectives() {
  return kAdjectives;
}

std::span<const std::string_view> app_name_nouns() {
  return kNouns;
}

}  // namespace deis::controller
