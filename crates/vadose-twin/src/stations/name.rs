//! Names of stations that exist nowhere.

/// First halves of a place's name.
const FIRST: [&str; 64] = [
    "Alder", "Amber", "Antler", "Aspen", "Badger", "Basin", "Beaver", "Birch", "Bison", "Bitter",
    "Black", "Blue", "Bonner", "Box", "Bright", "Broken", "Canyon", "Castle", "Cedar", "Clear",
    "Cold", "Copper", "Cotton", "Coyote", "Crystal", "Dry", "Dusty", "Eagle", "Elk", "Falcon",
    "Fir", "Flint", "Fox", "Garnet", "Glass", "Granite", "Grey", "Hawk", "Hazel", "Heron", "Iron",
    "Juniper", "Lone", "Lost", "Lynx", "Marten", "Mica", "Moose", "Moss", "Opal", "Otter", "Owl",
    "Pine", "Quartz", "Raven", "Red", "Sage", "Salt", "Silver", "Slate", "Spruce", "Stone",
    "Timber", "Willow",
];

/// Second halves.
const SECOND: [&str; 64] = [
    "Arroyo", "Bar", "Bay", "Bench", "Bend", "Bluff", "Bottom", "Branch", "Bridge", "Brook",
    "Butte", "Camp", "Cliff", "Corner", "Cove", "Creek", "Crest", "Crossing", "Dale", "Dell",
    "Divide", "Draw", "Falls", "Farm", "Ferry", "Field", "Flat", "Ford", "Fork", "Gap", "Glen",
    "Grove", "Gulch", "Gully", "Hollow", "Junction", "Knoll", "Lake", "Landing", "Ledge", "Marsh",
    "Meadow", "Mesa", "Mill", "Notch", "Park", "Pass", "Peak", "Point", "Pond", "Prairie", "Ranch",
    "Range", "Ridge", "Rim", "Run", "Saddle", "Slough", "Springs", "Summit", "Trail", "Vale",
    "View", "Well",
];

const DIRECTIONS: [&str; 16] = [
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
];

/// Distances in a name go from 1 to this, miles.
const FARTHEST: u64 = 59;
/// Number of names: more than tiles of the globe times [`PER_TILE`].
const NAMES: u64 = 64 * 64 * 16 * FARTHEST;
/// Most stations of a tile that have names of their own.
pub(super) const PER_TILE: u64 = 256;

/// The name of a station of a tile, in the manner of USCRN (`Denio-52-WSW`): different for every
/// pair of a tile number below 15,000 and a number below [`PER_TILE`].
pub(super) fn of(tile: u64, number: u64) -> String {
    /// Prime to [`NAMES`], so that multiplication permutes them: neighbours differ.
    const STRIDE: u64 = 1_640_531_527;
    let shuffled = (tile * PER_TILE + number) % NAMES * (STRIDE % NAMES) % NAMES;
    let (first, rest) = (shuffled % 64, shuffled / 64);
    let (second, rest) = (rest % 64, rest / 64);
    let (direction, distance) = (rest % 16, rest / 16 + 1);
    let part = |list: &[&'static str], idx: u64| list[idx as usize];
    format!(
        "{}-{}-{distance}-{}",
        part(&FIRST, first),
        part(&SECOND, second),
        part(&DIRECTIONS, direction)
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<String> = (0..400)
            .flat_map(|tile| (0..PER_TILE).map(move |number| of(tile * 37, number)))
            .collect();
        assert_eq!(names.len(), 400 * PER_TILE as usize);
    }

    #[test]
    fn there_are_names_for_every_tile_of_the_globe() {
        // 58 x 136 tiles of 256 cells cover M01.
        const { assert!(58 * 136 * PER_TILE <= NAMES) };
    }
}
