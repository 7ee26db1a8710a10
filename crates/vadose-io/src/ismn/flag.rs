//! ISMN's quality flags: the set that one value carries, and which sets are good enough.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The flags of one value: `G`, `U`, `D01,D03`, ….
///
/// | code | meaning |
/// |---|---|
/// | C01, C02, C03 | below 0; above 0.60 m3 m-3; above saturation |
/// | D01, D02, D03 | frozen: soil in place, air in place, soil in GLDAS |
/// | D04, D05 | rise without rain: in place, in GLDAS |
/// | D06, D07, D08 | spike; break downwards; break upwards |
/// | D09, D10 | constant and low after a drop; saturated plateau |
/// | G, U, M | good; not checked (old files); missing |
/// | ? | any other text: one bit for them all, so that the set is never taken for good |
///
/// # References
/// Dorigo et al. (2013), doi:10.2136/vzj2012.0097.
/// # Examples
/// ```
/// use vadose_io::ismn::{FlagPolicy, FlagSet};
///
/// let flags = FlagSet::parse(b"D01,D03");
/// assert_eq!(flags.codes().collect::<Vec<_>>(), ["D01", "D03"]);
/// assert!(!FlagPolicy::GoodOrUnchecked.keeps(flags));
/// assert!(FlagPolicy::Good.keeps(FlagSet::GOOD));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FlagSet(u32);

/// Bit `i` of a [`FlagSet`] stands for the `i`-th code.
const CODES: [&str; 17] = [
    "C01", "C02", "C03", "D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "D09", "D10", "G",
    "M", "U", "?",
];
const OTHER_IDX: usize = CODES.len() - 1;

impl FlagSet {
    /// `G`: good.
    pub const GOOD: Self = Self(1 << 13);
    /// `M`: missing.
    pub const MISSING: Self = Self(1 << 14);
    /// `U`: not checked.
    pub const UNCHECKED: Self = Self(1 << 15);

    /// The set that a file writes, codes joined by commas.
    #[must_use]
    pub fn parse(text: &[u8]) -> Self {
        match text {
            b"G" => Self::GOOD,
            b"U" => Self::UNCHECKED,
            _ => text
                .split(|&byte| byte == b',')
                .filter(|code| !code.is_empty())
                .map(|code| {
                    let idx = CODES.iter().position(|known| known.as_bytes() == code);
                    Self(1 << idx.unwrap_or(OTHER_IDX))
                })
                .fold(Self::default(), Self::union),
        }
    }

    /// The flags of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every flag of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The codes of the set, in the order of the table.
    pub fn codes(self) -> impl Iterator<Item = &'static str> {
        let codes = CODES.iter().enumerate();
        codes.filter_map(move |(idx, &code)| (self.0 & (1 << idx) != 0).then_some(code))
    }
}

impl fmt::Display for FlagSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, code) in self.codes().enumerate() {
            let comma = if idx == 0 { "" } else { "," };
            write!(f, "{comma}{code}")?;
        }
        Ok(())
    }
}

/// Which flags a value may carry and still be used. Missing is never used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagPolicy {
    /// `G` and nothing else.
    #[default]
    Good,
    /// `G`, or `U` of old files, and nothing else.
    GoodOrUnchecked,
}

impl FlagPolicy {
    /// Whether a value with these flags is used. A value without any flag is not.
    #[must_use]
    pub fn keeps(self, flags: FlagSet) -> bool {
        match self {
            Self::Good => flags == FlagSet::GOOD,
            Self::GoodOrUnchecked => flags == FlagSet::GOOD || flags == FlagSet::UNCHECKED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_round_trips_alone_and_joined() {
        for code in CODES {
            assert_eq!(FlagSet::parse(code.as_bytes()).to_string(), code);
        }
        let all = CODES.join(",");
        assert_eq!(FlagSet::parse(all.as_bytes()).to_string(), all);
        assert_eq!(FlagSet::parse(b"G"), FlagSet::GOOD);
        assert_eq!(FlagSet::parse(b"M"), FlagSet::MISSING);
        assert_eq!(FlagSet::parse(b"U,"), FlagSet::UNCHECKED);
    }

    #[test]
    fn only_good_alone_is_kept_by_default() {
        let kept: Vec<&str> = ["G", "U", "M", "G,D06", "G,M", "", "D01,D03", "x"]
            .into_iter()
            .filter(|text| FlagPolicy::default().keeps(FlagSet::parse(text.as_bytes())))
            .collect();
        assert_eq!(kept, ["G"]);
    }

    #[test]
    fn unchecked_values_are_kept_on_request_and_missing_ones_never() {
        let keeps = |text: &[u8]| FlagPolicy::GoodOrUnchecked.keeps(FlagSet::parse(text));
        assert!(keeps(b"U") && keeps(b"G"));
        assert!(!keeps(b"M") && !keeps(b"U,M") && !keeps(b"U,D06") && !keeps(b""));
    }
}
