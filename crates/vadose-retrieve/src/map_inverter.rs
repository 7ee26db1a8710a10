//! The single-channel inversion of a whole map, with the uncertainty of each cell.

use ndarray::{Array2, Zip};
use vadose_physics::{Inverter, Polarization, Roughness, SingleChannelCell, Surface};

use crate::input_errors::check_range;
use crate::surface_fields::{At, SurfaceFields};
use crate::{InputErrors, Retrieval, RetrievalStatus, RetrieveError, SingleChannelConfig};

/// Brightness temperature of a cell, and how it answers to errors of what it was made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellTb {
    pub(crate) kelvin: f64,
    /// To the observed brightness temperature.
    pub(crate) to_tb: f64,
    /// To the temperature of the surface.
    pub(crate) to_temperature: f64,
    /// To the relative error of the vegetation, K.
    pub(crate) to_vegetation_kelvin: f64,
    /// Variance from independent errors, K2.
    pub(crate) variance_kelvin2: f64,
}

impl CellTb {
    /// As it was observed.
    pub(crate) fn observed(kelvin: f32) -> Result<Self, RetrievalStatus> {
        if !kelvin.is_finite() {
            return Err(RetrievalStatus::NoBrightnessTemperature);
        }
        Ok(Self {
            kelvin: f64::from(kelvin),
            to_tb: 1.0,
            to_temperature: 0.0,
            to_vegetation_kelvin: 0.0,
            variance_kelvin2: 0.0,
        })
    }
}

/// The single-channel inversion of every cell of a map.
pub(crate) struct MapInverter {
    inverter: Inverter,
    polarization: Polarization,
    errors: InputErrors,
}

/// What was found in one cell.
struct Found {
    soil_moisture: f32,
    uncertainty: f32,
    status: RetrievalStatus,
}

impl MapInverter {
    /// Checks the settings.
    pub(crate) fn new(config: &SingleChannelConfig) -> Result<Self, RetrieveError> {
        config.errors.check()?;
        // A clay in percent, or a bulk density in kg m-3, is the slip that these limits catch.
        for (name, constant, low, high) in [
            ("clay_fraction", config.clay_fraction, 0.0, 1.0),
            ("bulk_density_g_cm3", config.bulk_density_g_cm3, 0.1, 2.5),
        ] {
            if let Some(value) = constant {
                check_range(name, value, low, high)?;
            }
        }
        let inverter = config.inversion.build().map_err(RetrieveError::Physics)?;
        Ok(Self {
            inverter,
            polarization: config.polarization,
            errors: config.errors,
        })
    }

    pub(crate) fn errors(&self) -> &InputErrors {
        &self.errors
    }

    /// Inverts every cell for which `tb` has a brightness temperature, on all threads.
    pub(crate) fn invert(
        &self,
        method: String,
        fields: &SurfaceFields<'_>,
        tb: impl Fn(At) -> Result<CellTb, RetrievalStatus> + Sync,
    ) -> Result<Retrieval, RetrieveError> {
        let shape = fields.scene().window().shape();
        let mut soil_moisture = Array2::from_elem(shape, f32::NAN);
        let mut uncertainty = Array2::from_elem(shape, f32::NAN);
        let mut status = Array2::from_elem(shape, RetrievalStatus::NotAskedFor);
        Zip::indexed(&mut soil_moisture)
            .and(&mut uncertainty)
            .and(&mut status)
            .par_for_each(|at, soil_moisture, uncertainty, status| {
                match self.invert_cell(fields, &tb, at) {
                    Ok(found) => {
                        *soil_moisture = found.soil_moisture;
                        *uncertainty = found.uncertainty;
                        *status = found.status;
                    }
                    Err(reason) => *status = reason,
                }
            });
        Ok(Retrieval {
            uncertainty: Some(uncertainty),
            status: Some(status),
            ..Retrieval::new(method, fields.scene(), soil_moisture)?
        })
    }

    fn invert_cell(
        &self,
        fields: &SurfaceFields<'_>,
        tb: &impl Fn(At) -> Result<CellTb, RetrievalStatus>,
        at: At,
    ) -> Result<Found, RetrievalStatus> {
        let soil = fields.soil(at)?;
        let tb = tb(at)?;
        let state = fields
            .state_of(at, soil.class)
            .ok_or(RetrievalStatus::NoSurfaceState)?;
        if !fields.scene().predictable()[at] {
            return Err(RetrievalStatus::NotAskedFor);
        }
        let surface = Surface {
            clay_percent: soil.clay_percent,
            temperature_kelvin: state.temperature_kelvin,
            roughness: Roughness::single_channel(soil.class.parameters().roughness_h),
            albedo: state.albedo,
            tau_slant: state.tau_slant,
        };
        let cell = SingleChannelCell {
            tb_kelvin: tb.kelvin,
            surface,
            bulk_density_g_cm3: soil.bulk_density_g_cm3,
            land_cover: Some(soil.class),
        };
        let inversion = self
            .inverter
            .invert_single_channel(self.polarization, &cell);
        let status = RetrievalStatus::of_inversion(inversion.status, fields.is_dense(at));
        if !status.has_value() {
            return Err(status);
        }
        let soil_moisture = inversion.soil_moisture_m3m3;
        let uncertainty = match status {
            RetrievalStatus::RetrievedAtBound => f64::NAN,
            _ => self.uncertainty(&surface, &tb, soil_moisture),
        };
        Ok(Found {
            soil_moisture: soil_moisture as f32,
            uncertainty: uncertainty as f32,
            status,
        })
    }

    /// One standard deviation of the retrieval, m3 m-3, to first order.
    fn uncertainty(&self, surface: &Surface, tb: &CellTb, soil_moisture_m3m3: f64) -> f64 {
        let answer = self.inverter.single_channel_sensitivity(
            self.polarization,
            surface,
            soil_moisture_m3m3,
        );
        let errors = &self.errors;
        let parts = [
            answer.to_tb * tb.to_tb * errors.tb_kelvin,
            (answer.to_tb * tb.to_temperature + answer.to_temperature)
                * errors.surface_temperature_kelvin,
            (answer.to_tb * tb.to_vegetation_kelvin + answer.to_tau_slant * surface.tau_slant)
                * errors.vegetation_share,
            answer.to_roughness_h * errors.roughness_h,
        ];
        let independent = answer.to_tb * answer.to_tb * tb.variance_kelvin2;
        (parts.iter().map(|part| part * part).sum::<f64>() + independent).sqrt()
    }
}
