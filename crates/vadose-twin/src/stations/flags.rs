//! ISMN's quality flags, as far as the twin plants their causes.

/// One of ISMN's quality flags.
///
/// # References
/// Dorigo et al. (2013), doi:10.2136/vzj2012.0097.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Flag {
    /// Good.
    Good,
    /// Soil moisture below 0.
    C01,
    /// Soil moisture above 0.60 m3 m-3.
    C02,
    /// Soil moisture above saturation.
    C03,
    /// Soil temperature below 0 °C.
    D01,
    /// Spike.
    D06,
    /// No value.
    Missing,
}

impl Flag {
    /// The flag as ISMN files write it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Good => "G",
            Self::C01 => "C01",
            Self::C02 => "C02",
            Self::C03 => "C03",
            Self::D01 => "D01",
            Self::D06 => "D06",
            Self::Missing => "M",
        }
    }
}
