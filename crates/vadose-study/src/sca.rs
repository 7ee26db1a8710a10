//! The physical retrievals beside NASA's own, on the inputs that a granule stores.

use std::path::Path;

use ndarray::{Array1, ArrayView2};
use serde::{Deserialize, Serialize};
use vadose_io::spl2smp::{self, OrbitGroup};
use vadose_io::{OutOfRange, Product, Resolution, Spl2Smp, identify, spl2smap_s};
use vadose_physics::{
    BrightnessTemperature, DualChannelCell, IgbpClass, InversionConfig, Inverter, Polarization,
    Roughness, SingleChannelCell, Surface,
};
use vadose_retrieve::{Retriever, SingleChannelConfig, SingleChannelRetriever};

use crate::StudyError;

/// How one of our retrievals agrees with the product's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// `SCA-H`, `SCA-V` or `DCA`.
    pub algorithm: String,
    /// Cells where the product and we have a value.
    pub n: usize,
    /// Mean of ours minus the product's, m3 m-3.
    pub bias: f64,
    /// Root mean square of the difference, m3 m-3.
    pub rmsd: f64,
    /// Largest difference, m3 m-3.
    pub max_abs_diff: f64,
    /// Cells where the product has a value and we have none. Not part of the JSON form.
    #[serde(skip)]
    pub not_retrieved: usize,
}

/// Ancillary data that a product lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ancillary {
    /// Clay fraction, 0 to 1, everywhere.
    pub clay_fraction: Option<f64>,
    /// Dry bulk density everywhere, g cm-3.
    pub bulk_density_g_cm3: Option<f64>,
}

impl Ancillary {
    fn check(&self) -> Result<(), StudyError> {
        let out_of_range =
            |name, value: Option<f64>, allowed: std::ops::RangeInclusive<f64>| match value {
                Some(value) if !allowed.contains(&value) => Err(StudyError::AncillaryOutOfRange {
                    name,
                    value,
                    low: *allowed.start(),
                    high: *allowed.end(),
                }),
                _ => Ok(()),
            };
        out_of_range("clay fraction", self.clay_fraction, 0.0..=1.0)?;
        out_of_range("bulk density (g cm-3)", self.bulk_density_g_cm3, 0.1..=2.5)
    }

    /// The first of the values that is given.
    fn given(&self) -> Option<&'static str> {
        let clay = self.clay_fraction.map(|_| "clay fraction");
        clay.or(self.bulk_density_g_cm3.map(|_| "bulk density"))
    }
}

/// Retrieves a granule again and compares with its own soil moisture.
///
/// SPL2SMP and SPL2SMP_E bring all inputs: SCA-H, SCA-V and DCA are compared with the product's options
/// 1, 2 and 3. SPL2SMAP_S lacks clay and bulk density, which `ancillary` must supply; SCA-V on its
/// disaggregated brightness temperature is compared with its 1 km soil moisture.
///
/// # Errors
/// [`StudyError::MissingAncillary`] names what is missing, [`StudyError::NeedlessAncillary`] what the product
/// has itself; [`StudyError::AncillaryOutOfRange`]; errors of reading.
pub fn compare(path: &Path, ancillary: &Ancillary) -> Result<Vec<Agreement>, StudyError> {
    ancillary.check()?;
    let product = identify(path)?;
    if product == Product::Spl2SmapS {
        return compare_scene(path, ancillary);
    }
    if let Some(given) = ancillary.given() {
        return Err(StudyError::NeedlessAncillary {
            path: path.to_owned(),
            product: product.to_string(),
            given,
        });
    }
    // Clamped retrievals lie outside the valid range that the file states; they are compared too.
    let orbit = spl2smp::read_group(path, OrbitGroup::Global, OutOfRange::Keep)?;
    compare_half_orbit(&orbit)
}

fn compare_scene(path: &Path, ancillary: &Ancillary) -> Result<Vec<Agreement>, StudyError> {
    let (Some(clay), Some(bulk_density)) = (ancillary.clay_fraction, ancillary.bulk_density_g_cm3)
    else {
        let (missing, remedy) = match ancillary.clay_fraction {
            None => (
                "clay_fraction",
                "give --clay-fraction (0 to 1) and --bulk-density (g cm-3)",
            ),
            Some(_) => ("bulk_density", "give --bulk-density (g cm-3)"),
        };
        return Err(StudyError::MissingAncillary {
            path: path.to_owned(),
            product: Product::Spl2SmapS.to_string(),
            missing: missing.to_owned(),
            remedy: remedy.to_owned(),
        });
    };
    let granule = spl2smap_s::read(path, Resolution::Km1)?;
    let product = granule.require_soil_moisture()?.values.clone();
    let config = SingleChannelConfig {
        clay_fraction: Some(clay),
        bulk_density_g_cm3: Some(bulk_density),
        ..SingleChannelConfig::default()
    };
    let ours = SingleChannelRetriever::new(config)?.retrieve(&granule.to_scene()?)?;
    Ok(vec![Agreement::of_maps(
        "SCA-V",
        ours.soil_moisture.view(),
        product.view(),
    )])
}

impl Agreement {
    /// Of our map with the product's, cell by cell.
    ///
    /// # Shapes and units
    /// `[row, col]` of one window, m3 m-3. Without a pair the statistics are NaN.
    /// # Missing values
    /// Cells that the product lacks do not count; those that it has and we lack are counted apart.
    #[must_use]
    pub fn of_maps(
        algorithm: &str,
        ours: ArrayView2<'_, f32>,
        product: ArrayView2<'_, f32>,
    ) -> Self {
        let pairs = ours.iter().zip(product);
        agreement(
            algorithm,
            pairs.map(|(ours, nasa)| (f64::from(*ours), f64::from(*nasa))),
        )
    }
}

fn compare_half_orbit(orbit: &Spl2Smp) -> Result<Vec<Agreement>, StudyError> {
    let inverter = InversionConfig::default()
        .build()
        .map_err(vadose_retrieve::RetrieveError::Physics)?;
    Ok(vec![
        single_channel(orbit, &inverter, Polarization::H)?,
        single_channel(orbit, &inverter, Polarization::V)?,
        dual_channel(orbit, &inverter)?,
    ])
}

fn single_channel(
    orbit: &Spl2Smp,
    inverter: &Inverter,
    polarization: Polarization,
) -> Result<Agreement, StudyError> {
    let (name, tb, suffixes) = match polarization {
        Polarization::H => ("SCA-H", "tb_h_corrected", ["_option1", "_scah", ""]),
        Polarization::V => ("SCA-V", "tb_v_corrected", ["_option2", "_scav", ""]),
    };
    let inputs = Inputs::of(orbit, &suffixes)?;
    let tb = field(orbit, tb, &[""])?;
    let nasa = field(orbit, "soil_moisture", &suffixes[..2])?;
    let cells: Vec<SingleChannelCell> = (0..nasa.len())
        .map(|at| SingleChannelCell {
            tb_kelvin: tb[at],
            surface: inputs.surface(at, Roughness::single_channel(inputs.roughness[at])),
            bulk_density_g_cm3: inputs.bulk_density[at],
            land_cover: inputs.land_cover[at],
        })
        .collect();
    let ours = inverter.invert_many(polarization, &cells);
    Ok(agreement(
        name,
        ours.iter()
            .map(|inversion| inversion.soil_moisture_m3m3)
            .zip(nasa),
    ))
}

fn dual_channel(orbit: &Spl2Smp, inverter: &Inverter) -> Result<Agreement, StudyError> {
    let suffixes = ["_option3", "_dca", ""];
    let mut inputs = Inputs::of(orbit, &suffixes)?;
    // The prior opacity is that of the single-channel algorithms, not the retrieved one of option 3.
    inputs.tau_slant = field(orbit, "vegetation_opacity", &["_option1", "_scah"])?;
    let (tb_h, tb_v) = (
        field(orbit, "tb_h_corrected", &[""])?,
        field(orbit, "tb_v_corrected", &[""])?,
    );
    let nasa = field(orbit, "soil_moisture", &suffixes[..2])?;
    let cells: Vec<DualChannelCell> = (0..nasa.len())
        .map(|at| DualChannelCell {
            tb: BrightnessTemperature {
                tb_h_kelvin: tb_h[at],
                tb_v_kelvin: tb_v[at],
            },
            surface: inputs.surface(at, Roughness::dual_channel(inputs.roughness[at])),
            bulk_density_g_cm3: inputs.bulk_density[at],
        })
        .collect();
    let ours = inverter.invert_dual_channel_many(&cells);
    Ok(agreement(
        "DCA",
        ours.iter()
            .map(|inversion| inversion.soil_moisture_m3m3)
            .zip(nasa),
    ))
}

/// What an algorithm reads beside brightness temperatures.
struct Inputs {
    clay_fraction: Array1<f64>,
    bulk_density: Array1<f64>,
    temperature: Array1<f64>,
    roughness: Array1<f64>,
    albedo: Array1<f64>,
    tau_slant: Array1<f64>,
    land_cover: Vec<Option<IgbpClass>>,
}

impl Inputs {
    fn of(orbit: &Spl2Smp, suffixes: &[&str]) -> Result<Self, StudyError> {
        let land_cover = match orbit.classes.get("landcover_class") {
            Some(classes) => classes
                .values
                .iter()
                .zip(&classes.valid)
                .map(|(class, valid)| {
                    u8::try_from(*class)
                        .ok()
                        .filter(|_| *valid)
                        .and_then(|c| c.try_into().ok())
                })
                .collect(),
            None => vec![None; orbit.cells.len()],
        };
        Ok(Self {
            clay_fraction: field(orbit, "clay_fraction", &[""])?,
            bulk_density: field(orbit, "bulk_density", &[""])?,
            temperature: field(orbit, "surface_temperature", &[""])?,
            roughness: field(orbit, "roughness_coefficient", suffixes)?,
            albedo: field(orbit, "albedo", suffixes)?,
            tau_slant: field(orbit, "vegetation_opacity", suffixes)?,
            land_cover,
        })
    }

    fn surface(&self, at: usize, roughness: Roughness) -> Surface {
        Surface {
            clay_percent: 100.0 * self.clay_fraction[at],
            temperature_kelvin: self.temperature[at],
            roughness,
            albedo: self.albedo[at],
            tau_slant: self.tau_slant[at],
        }
    }
}

/// A field under the first of its names that the granule has: releases name the options differently.
fn field(orbit: &Spl2Smp, base: &str, suffixes: &[&str]) -> Result<Array1<f64>, StudyError> {
    let found = suffixes
        .iter()
        .find_map(|suffix| orbit.fields.get(&format!("{base}{suffix}")));
    found
        .map(|field| field.values.mapv(f64::from))
        .ok_or_else(|| StudyError::MissingAncillary {
            path: orbit.path().to_owned(),
            product: orbit.product().to_string(),
            missing: format!("{base}{}", suffixes[0]),
            remedy: "use a release that stores the inputs of its retrievals".to_owned(),
        })
}

/// Statistics of ours minus the product's over the pairs where the product has a value.
fn agreement(algorithm: &str, pairs: impl Iterator<Item = (f64, f64)>) -> Agreement {
    let (mut n, mut sum, mut squares, mut largest, mut not_retrieved) =
        (0usize, 0.0, 0.0, 0.0f64, 0);
    for (ours, nasa) in pairs.filter(|(_, nasa)| nasa.is_finite()) {
        if !ours.is_finite() {
            not_retrieved += 1;
            continue;
        }
        let difference = ours - nasa;
        n += 1;
        sum += difference;
        squares += difference * difference;
        largest = largest.max(difference.abs());
    }
    // Without a pair there is no agreement to speak of: NaN, `null` in JSON.
    let divisor = if n == 0 { f64::NAN } else { n as f64 };
    Agreement {
        algorithm: algorithm.to_owned(),
        n,
        bias: sum / divisor,
        rmsd: (squares / divisor).sqrt(),
        max_abs_diff: if n == 0 { f64::NAN } else { largest },
        not_retrieved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_retrieved_is_no_agreement() {
        let agreement = agreement("SCA-V", [(f64::NAN, 0.2)].into_iter());
        assert_eq!((agreement.n, agreement.not_retrieved), (0, 1));
        assert!(
            agreement.rmsd.is_nan() && agreement.bias.is_nan() && agreement.max_abs_diff.is_nan()
        );
    }

    #[test]
    fn a_clay_fraction_in_percent_is_refused() {
        let percent = Ancillary {
            clay_fraction: Some(20.0),
            ..Ancillary::default()
        };
        assert!(matches!(
            percent.check(),
            Err(StudyError::AncillaryOutOfRange { .. })
        ));
        let nan = Ancillary {
            bulk_density_g_cm3: Some(f64::NAN),
            ..Ancillary::default()
        };
        assert!(nan.check().is_err());
    }

    #[test]
    fn agreement_counts_what_we_could_not_retrieve() {
        let pairs = [(0.2, 0.1), (0.3, 0.5), (f64::NAN, 0.2), (0.1, f64::NAN)];
        let agreement = agreement("SCA-V", pairs.into_iter());
        assert_eq!((agreement.n, agreement.not_retrieved), (2, 1));
        approx::assert_abs_diff_eq!(agreement.bias, -0.05, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(agreement.max_abs_diff, 0.2, epsilon = 1e-12);
        approx::assert_abs_diff_eq!(agreement.rmsd, (0.025f64).sqrt(), epsilon = 1e-12);
    }
}
