//! SPL4SMGP granules: the coarse analysis, every three hours.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ndarray::Array2;
use vadose_io::granule_writer::{
    GranuleContents, GroupContents, Placement, Values, metadata_of, write_granule,
};
use vadose_io::{GranuleName, GranuleOrigin, Product};

use super::archive::{Archive, Kind, Spoil};
use super::{Phase, Progress, ShowProgress, Simulation};
use crate::analysis::{AnalysisMean, coarsened};
use crate::period::{Season, timestamp_of_hour};
use crate::{Layers, TwinError};

/// Release of the granules that are imitated.
const RELEASE: &str = "Vv7032";
/// Granules of a day.
const PER_DAY: u64 = 8;
/// From the first hour of a mean to the time in its name.
const TO_CENTRE: SignedDuration = SignedDuration::from_mins(90);

pub(super) fn write(
    simulation: &Simulation,
    season: Season,
    layers: &Layers,
    archive: &mut Archive,
    show: &mut ShowProgress<'_>,
) -> Result<(), TwinError> {
    let coarse = coarsened(layers)?;
    let water = coarse.land_cover.mapv(|class| class == 0);
    let total = u64::from(season.days);
    let mut n_means = 0;
    let mut failure = Ok(());
    let Simulation {
        analysis, weather, ..
    } = simulation;
    analysis.run(&coarse, weather, season.hours(), |mean| {
        if failure.is_ok() {
            failure = write_mean(&coarse, &water, mean, archive);
        }
        n_means += 1;
        if n_means % PER_DAY == 0 {
            show(Progress {
                phase: Phase::Analysis,
                year: season.first.year(),
                done: n_means / PER_DAY,
                total,
            });
        }
    })?;
    failure
}

fn write_mean(
    coarse: &Layers,
    water: &Array2<bool>,
    mean: AnalysisMean,
    archive: &mut Archive,
) -> Result<(), TwinError> {
    let start = timestamp_of_hour(mean.hour) + TO_CENTRE;
    let name = name(start);
    let metadata = metadata_of(&name, start - TO_CENTRE, start + TO_CENTRE);
    let date = start.to_zoned(TimeZone::UTC).date();
    let land = |mut field: Array2<f32>| -> Values {
        ndarray::azip!((value in &mut field, &water in water) {
            if water {
                *value = f32::NAN;
            }
        });
        field.into()
    };
    let porosity = coarse.porosity();
    let wetness = |moisture: &Array2<f32>| land(moisture / &porosity);
    let values = BTreeMap::from([
        ("sm_surface_wetness", wetness(&mean.sm_surface)),
        ("sm_rootzone_wetness", wetness(&mean.sm_rootzone)),
        ("sm_surface", land(mean.sm_surface)),
        ("sm_rootzone", land(mean.sm_rootzone)),
        ("soil_temp_layer1", land(mean.soil_temp_layer1)),
        ("surface_temp", land(mean.surface_temp)),
        (
            "precipitation_total_surface_flux",
            land(mean.precipitation_total_surface_flux),
        ),
    ]);
    let window = coarse.window;
    archive.granule(Kind::Spl4Smgp, date, &name.to_string(), |path, spoil| {
        let mut values: BTreeMap<_, _> = values
            .into_iter()
            .map(|(base, values)| (base.to_owned(), values))
            .collect();
        spoil.apply(&mut values);
        let contents = GranuleContents {
            product: Product::Spl4Smgp,
            metadata,
            groups: vec![GroupContents {
                name: "Geophysical_Data".to_owned(),
                placement: Placement::Rectangle(window),
                values,
            }],
        };
        Ok(write_granule(path, &contents)?)
    })
}

fn name(start: Timestamp) -> GranuleName {
    GranuleName {
        product: Product::Spl4Smgp,
        start,
        origin: GranuleOrigin::ThreeHours,
        release: RELEASE.to_owned(),
        counter: 1,
    }
}

/// What an average of data and the fill value -9999 looks like.
const LEAKED: f32 = -10_068.993;
/// One value in this many is spoiled where fill values have leaked.
const LEAKED_EVERY: usize = 50;

impl Spoil {
    /// Spoils the floating-point values of a granule.
    pub(super) fn apply(self, values: &mut BTreeMap<String, Values>) {
        match self {
            Self::Nothing => {}
            Self::AllFill => values.clear(),
            Self::LeakedFill => {
                for values in values.values_mut() {
                    if let Values::F32(field) = values {
                        field
                            .iter_mut()
                            .filter(|value| value.is_finite())
                            .step_by(LEAKED_EVERY)
                            .for_each(|value| *value = LEAKED);
                    }
                }
            }
        }
    }
}
