#include "controller/domain/app_name.h"

#include "core/base/error.h"
#include "core/base/random.h"

#include <array>

namespace deis::controller {
namespace {

// clang-format off
constexpr auto kAdjectives = std::to_array<std::string_view>({
    "ablaze", "active", "aerial", "afloat", "airier", "alpine", "amazed", "amused", "arched", "artful",
    "astute", "atomic", "august", "beaded", "benign", "better", "blithe", "bluish", "bolder", "bonded",
    "brainy", "braver", "breezy", "bright", "bronze", "bubbly", "calmer", "candid", "caring", "casual",
    "chatty", "cheery", "chirpy", "choice", "clever", "cloudy", "coated", "cobalt", "comely", "copper",
    "cosier", "cosmic", "crafty", "creamy", "crispy", "cuddly", "curved", "dainty", "dapper", "daring",
    "decent", "direct", "divine", "docile", "dreamy", "driven", "dulcet", "earthy", "easier", "edible",
    "entire", "exotic", "fabled", "fairer", "famous", "feisty", "finest", "flaxen", "fleecy", "floral",
    "fluent", "folksy", "formal", "frosty", "frozen", "fruity", "genial", "gentle", "gifted", "gilded",
    "ginger", "glassy", "glazed", "global", "glossy", "golden", "grassy", "guided", "hearty", "heroic",
    "homely", "honest", "humane", "humble", "hushed", "iconic", "indigo", "inland", "intact", "inward",
    "jaunty", "jocund", "jovial", "joyful", "joyous", "kindly", "lavish", "likely", "limber", "linear",
    "lively", "living", "lordly", "loving", "lucent", "marble", "marine", "mellow", "mighty", "minted",
    "mobile", "modern", "modest", "moving", "mutual", "native", "nearby", "neater", "nimble", "normal",
    "oblong", "onward", "opaque", "orange", "ornate", "padded", "pastel", "peachy", "placid", "plucky",
    "poetic", "polite", "pretty", "proven", "purple", "quaint", "quirky", "robust", "rooted", "rosier",
    "rustic", "sacred", "salted", "savory", "serene", "shaded", "silent", "silken", "silver", "simple",
    "sleepy", "smooth", "snappy", "solemn", "spotty", "spring", "stable", "steady", "sturdy", "subtle",
    "sudden", "summer", "sunlit", "superb", "tender", "tidier", "timely", "tinted", "tiptop", "trendy",
    "tropic", "trusty", "unique", "upbeat", "urbane", "useful", "valued", "velvet", "verbal", "viable",
    "violet", "warmer", "wilder", "winged", "winter", "wooden", "woolly", "worthy", "yellow", "zanier",
});

constexpr auto kNouns = std::to_array<std::string_view>({
    "aardvark", "aircraft", "airfield", "airspace", "albacore", "amethyst", "anteater", "antelope",
    "armchair", "asteroid", "backpack", "ballpark", "barnacle", "bayberry", "bergamot", "birdbath",
    "birdcage", "blizzard", "bluebell", "bookcase", "bookmark", "bracelet", "broccoli", "bungalow",
    "calendar", "campfire", "campsite", "capybara", "cardinal", "carousel", "cauldron", "cinnamon",
    "clarinet", "cloister", "codebook", "cucumber", "cupboard", "daffodil", "daybreak", "dockyard",
    "doorbell", "eggplant", "elephant", "elevator", "envelope", "espresso", "explorer", "farmyard",
    "festival", "firewood", "fishbowl", "flagpole", "flamenco", "flamingo", "fountain", "foxglove",
    "frontier", "gardener", "gauntlet", "gemstone", "geranium", "goldfish", "graphite", "guardian",
    "hacienda", "handbook", "harmonic", "hawthorn", "hedgehog", "hedgerow", "heirloom", "highland",
    "homeland", "hornbeam", "hyacinth", "ironwood", "jamboree", "keepsake", "keyboard", "keystone",
    "kindling", "kingbird", "ladybird", "landmark", "larkspur", "lavender", "lemonade", "lodestar",
    "longboat", "magnolia", "mandolin", "mangrove", "marigold", "marzipan", "meridian", "midnight",
    "milepost", "minstrel", "mongoose", "monolith", "moonbeam", "moonrise", "mountain", "mushroom",
    "nautilus", "notebook", "nutshell", "omelette", "outfield", "overcoat", "parakeet", "passport",
    "pavement", "pavilion", "pedestal", "pendulum", "pheasant", "pinecone", "pinwheel", "platypus",
    "porpoise", "postcard", "primrose", "puffball", "quadrant", "raincoat", "rainfall", "reindeer",
    "rosebush", "sailboat", "sailfish", "sandwich", "sapphire", "seahorse", "seashell", "seedling",
    "shepherd", "sidewalk", "signpost", "snowball", "snowdrop", "songbird", "songbook", "sprinkle",
    "squirrel", "stairway", "starfish", "starling", "sunlight", "sunshade", "tapestry", "teaspoon",
    "toboggan", "tortoise", "treasure", "triangle", "trombone", "umbrella", "universe", "vineyard",
    "virtuoso", "volcanic", "wanderer", "wardrobe", "waterway", "wayfarer", "wildlife", "windmill",
    "windpipe", "woodland", "woodwind", "workshop", "yearling", "zeppelin", "zucchini",
});
// clang-format on

std::string_view pick(std::span<const std::string_view> words) {
  return words[random_below(static_cast<std::uint32_t>(words.size()))];
}

}  // namespace

AppId random_app_id() {
  return AppId::parse(std::string(pick(kAdjectives)) + "-" + std::string(pick(kNouns)));
}

// The router has hosts of its own by these names: the API's, and the store's gateway (contract components.md
// §3.3).
bool is_reserved(const AppId& id, const PlatformSettings& settings) {
  return id.str() == settings.subdomain || id.str() == "deis-store" ||
         settings.reserved_names.contains(id.str());
}

void check_not_reserved(const AppId& id, const PlatformSettings& settings) {
  if (is_reserved(id, settings)) throw Error(ErrorCode::invalid, "id", id.str() + " is a reserved name.");
}

std::span<const std::string_view> app_name_adjectives() {
  return kAdjectives;
}

std::span<const std::string_view> app_name_nouns() {
  return kNouns;
}

}  // namespace deis::controller
