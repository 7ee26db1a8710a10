//! What real archives contain besides data, planted on purpose and listed.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use super::archive::Kind;
use crate::TwinError;
use crate::config::Faults;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A file that ends in the middle.
    TruncatedGranule,
    /// A scene without any value.
    AllFill,
    /// Fill values that were averaged like data: far outside the valid range.
    LeakedFill,
    /// A file of a day that was not downloaded.
    MissingDay,
    /// A file that never existed: SMAP was off from 19 June to 23 July 2019.
    Outage,
    /// The same series in two files.
    DuplicateStation,
    /// Lines that end in a carriage return only.
    CarriageReturns,
    /// Soil moisture in percent.
    PercentUnits,
}

/// One planted fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlantedFault {
    /// What it is.
    pub kind: FaultKind,
    /// The product or network.
    pub product: String,
    /// The file, relative to the archive; for files that are not there, where they would be.
    pub path: String,
    /// The day, for granules.
    pub date: Option<Date>,
}

/// All planted faults, in the order of planting.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FaultManifest {
    /// The faults.
    pub faults: Vec<PlantedFault>,
}

impl FaultManifest {
    pub(super) fn plant(&mut self, fault: PlantedFault) {
        self.faults.push(fault);
    }

    pub(super) fn to_json(&self) -> Result<String, TwinError> {
        super::record::json(self)
    }

    /// How many granules of each product are not there.
    pub(super) fn absent_granules(&self) -> BTreeMap<String, u64> {
        let mut absent = BTreeMap::new();
        for fault in &self.faults {
            if matches!(fault.kind, FaultKind::MissingDay | FaultKind::Outage) {
                *absent.entry(fault.product.clone()).or_insert(0) += 1;
            }
        }
        absent
    }
}

/// What happens to one granule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GranuleFault {
    Truncated,
    AllFill,
    LeakedFill,
    Missing,
    Outage,
}

impl PlantedFault {
    pub(super) fn of_granule(fault: GranuleFault, kind: Kind, path: &str, date: Date) -> Self {
        Self {
            kind: match fault {
                GranuleFault::Truncated => FaultKind::TruncatedGranule,
                GranuleFault::AllFill => FaultKind::AllFill,
                GranuleFault::LeakedFill => FaultKind::LeakedFill,
                GranuleFault::Missing => FaultKind::MissingDay,
                GranuleFault::Outage => FaultKind::Outage,
            },
            product: kind.product().to_owned(),
            path: path.to_owned(),
            date: Some(date),
        }
    }
}

/// First and last day without SMAP data (NSIDC's notice on SPL4SMGP).
const OUTAGE: [Date; 2] = [date(2019, 6, 19), date(2019, 7, 23)];

/// Which granule of which product gets which fault, counted within a year from 0. Those of the
/// analysis are means about 6 h local solar time, which are used with SMAP's passes.
const SPOILED: [(Kind, u64, GranuleFault); 8] = [
    (Kind::Spl2SmpE, 3, GranuleFault::Truncated),
    (Kind::Spl2SmpE, 6, GranuleFault::LeakedFill),
    (Kind::Spl2SmapS, 1, GranuleFault::Truncated),
    (Kind::Spl2SmapS, 2, GranuleFault::AllFill),
    (Kind::Spl2SmapS, 4, GranuleFault::LeakedFill),
    (Kind::Spl4Smgp, 20, GranuleFault::Truncated),
    (Kind::Spl4Smgp, 44, GranuleFault::LeakedFill),
    (Kind::Imerg, 100, GranuleFault::Truncated),
];
/// Days of the month on which a product is missing.
const MISSING: [(Kind, i8); 2] = [(Kind::Spl4Smgp, 13), (Kind::Imerg, 17)];

/// The faults of a configuration.
#[derive(Debug, Clone, Copy)]
pub(super) struct FaultPlan {
    faults: Faults,
}

impl FaultPlan {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults }
    }

    /// The fault of the `ordinal`-th granule of a product within its year.
    pub(super) fn granule(&self, kind: Kind, day: Date, ordinal: u64) -> Option<GranuleFault> {
        if self.faults == Faults::None {
            return None;
        }
        let of_smap = matches!(kind, Kind::Spl2SmpE | Kind::Spl2SmapS);
        if of_smap && (OUTAGE[0]..=OUTAGE[1]).contains(&day) {
            return Some(GranuleFault::Outage);
        }
        if MISSING.contains(&(kind, day.day())) {
            return Some(GranuleFault::Missing);
        }
        let mut spoiled = SPOILED.iter();
        spoiled
            .find(|(of, at, _)| (*of, *at) == (kind, ordinal))
            .map(|(.., fault)| *fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outage_takes_smap_but_not_the_analysis() {
        let plan = FaultPlan::new(Faults::Typical);
        let day = date(2019, 6, 25);
        let outage = Some(GranuleFault::Outage);
        assert_eq!(plan.granule(Kind::Spl2SmpE, day, 0), outage);
        assert_eq!(plan.granule(Kind::Spl2SmapS, day, 0), outage);
        assert_eq!(plan.granule(Kind::Spl4Smgp, day, 0), None);
        assert_eq!(plan.granule(Kind::Spl2SmpE, date(2018, 6, 25), 0), None);
    }

    #[test]
    fn without_faults_nothing_is_planted() {
        let plan = FaultPlan::new(Faults::None);
        for (kind, ordinal, _) in SPOILED {
            assert_eq!(plan.granule(kind, date(2019, 6, 13), ordinal), None);
        }
    }
}
