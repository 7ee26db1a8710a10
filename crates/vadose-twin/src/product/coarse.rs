//! SPL2SMP_E: the fields of one descending half orbit on 9 km cells.

use ndarray::Array2;
use ndarray::parallel::prelude::*;
use vadose_io::flags::{RadiometerRetrievalFlag as Quality, RadiometerSurfaceFlag as Flag};
use vadose_io::j2000_seconds_of_timestamp;
use vadose_physics::{
    BrightnessTemperature, CellStatus, DualChannelCell, FREEZING_KELVIN, IgbpClass, Polarization,
    SingleChannelCell,
};

use super::ancillary::Believed;
use super::terrain::{land_cover, relief_m};
use super::{Processor, ProductMaps};
use crate::error::TwinError;
use crate::footprint::Footprint;
use crate::ground::{Ground, block_mean};
use crate::orbit::{SmapPass, day_of};
use crate::radiometer::{BORESIGHT_INCIDENCE_DEG, TbMaps};

/// The word of a cell in which nothing was tried.
const NOT_ATTEMPTED: u16 = Quality::NotRecommended.mask()
    | Quality::NotAttempted.mask()
    | Quality::NotSuccessful.mask()
    | Quality::FreezeThawNotSuccessful.mask();

/// What is known of a cell before the retrieval.
struct Observed {
    tb: BrightnessTemperature,
    /// Water in the footprint, as the processor believes.
    water_seen: f32,
    believed: Believed,
    land_cover: Option<IgbpClass>,
    surface_flag: u16,
}

/// One cell of the product.
#[derive(Clone, Copy)]
struct Retrieved {
    tb_corrected: [f32; 2],
    soil_moisture: [f32; 3],
    quality: [u16; 3],
    tau_dual_channel: f32,
}

impl Retrieved {
    const NOTHING: Self = Self {
        tb_corrected: [f32::NAN; 2],
        soil_moisture: [f32::NAN; 3],
        quality: [NOT_ATTEMPTED; 3],
        tau_dual_channel: f32::NAN,
    };
}

impl Processor {
    /// The SPL2SMP_E fields of one pass: water correction, SCA-H, SCA-V and DCA (options 1 to 3,
    /// 3 being the baseline `soil_moisture`), flags and ancillary fields.
    ///
    /// # Shapes and units
    /// `ground` at the time of the pass; `pass` and `observed` on the M09 cells of its window.
    /// Result: on these cells, in the units of the product.
    /// # Missing values
    /// Cells outside the swath are NaN, `tb_time_seconds` among them, so that the cells of the
    /// trajectory are those with a time. The classes stand everywhere.
    /// # Errors
    /// [`TwinError::Window`], [`TwinError::Shape`] if the arguments do not fit together.
    pub fn radiometer_product(
        &self,
        ground: &Ground<'_>,
        pass: &SmapPass,
        observed: &TbMaps,
    ) -> Result<ProductMaps, TwinError> {
        let window = ground.coarse_window()?;
        for got in [&pass.window, &observed.window] {
            if *got != window {
                return Err(TwinError::Window { window: *got });
            }
        }
        let footprint = Footprint::gaussian(self.radiometer.config().footprint_km);
        let reach = footprint.reach(&pass.seconds);
        let day = day_of(pass.start) as f32;
        let believed = self
            .ancillary
            .believed(ground, &window, day, |row, col| reach[[row, col]])?;
        let water_seen = footprint.smooth(&believed.mapv(|cell| cell.water_fraction));
        let cover = land_cover(ground, [0, 0], window.shape(), 9, 3);
        let relief = relief_m(ground, [0, 0], window.shape(), 9);
        let rain = block_mean(window.shape(), 9, |row, col| {
            ground.recent_rain_mm[[row, col]]
        });
        let frozen = block_mean(window.shape(), 9, |row, col| {
            let kelvin = ground.temperature_kelvin[[row, col]];
            f32::from(f64::from(kelvin) < FREEZING_KELVIN)
        });

        let seen = |at: (usize, usize)| pass.seconds[at].is_finite();
        let flag = |at: (usize, usize)| {
            let cell = &believed[at];
            let limits = &self.limits;
            [
                (
                    Flag::StaticWater,
                    cell.water_fraction > limits.flagged_water,
                ),
                (Flag::RadarWater, water_seen[at] > limits.flagged_water),
                (Flag::CoastalProximity, near_open_water(&believed, at)),
                (Flag::Urban, cover.urban[at] > limits.flagged_urban),
                (Flag::Precipitation, rain[at] > limits.flagged_rain_mm),
                (Flag::RadiometerFrozenGround, frozen[at] > 0.5),
                (Flag::ModelFrozenGround, is_frozen(cell)),
                (Flag::Mountainous, relief[at] > limits.flagged_relief_m),
                (
                    Flag::DenseVegetation,
                    cell.vwc_kg_m2 > limits.flagged_vwc_kg_m2,
                ),
            ]
            .into_iter()
            .filter(|(_, holds)| *holds)
            .fold(0, |word, (bit, _)| word | bit.mask())
        };

        let mut cells = Array2::from_elem(window.shape(), Retrieved::NOTHING);
        cells
            .outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(row, mut cells)| {
                for (col, cell) in cells.iter_mut().enumerate() {
                    let at = (row, col);
                    if seen(at) {
                        *cell = self.retrieve(&Observed {
                            tb: BrightnessTemperature {
                                tb_h_kelvin: observed.tb_h_kelvin[at].into(),
                                tb_v_kelvin: observed.tb_v_kelvin[at].into(),
                            },
                            water_seen: water_seen[at],
                            believed: believed[at],
                            land_cover: IgbpClass::try_from(cover.classes[[row, col, 0]]).ok(),
                            surface_flag: flag(at),
                        });
                    }
                }
            });

        let mut maps = ProductMaps::new(window);
        let mut put =
            |name: &'static str, value: &dyn Fn((usize, usize)) -> f32| {
                let field = Array2::from_shape_fn(window.shape(), |at| {
                    if seen(at) { value(at) } else { f32::NAN }
                });
                maps.quantities.insert(name, field);
            };
        put("tb_h_uncorrected", &|at| observed.tb_h_kelvin[at]);
        put("tb_v_uncorrected", &|at| observed.tb_v_kelvin[at]);
        put("tb_h_corrected", &|at| cells[at].tb_corrected[0]);
        put("tb_v_corrected", &|at| cells[at].tb_corrected[1]);
        put("soil_moisture_option1", &|at| cells[at].soil_moisture[0]);
        put("soil_moisture_option2", &|at| cells[at].soil_moisture[1]);
        put("soil_moisture_option3", &|at| cells[at].soil_moisture[2]);
        put("soil_moisture", &|at| cells[at].soil_moisture[2]);
        put("vegetation_opacity_option1", &|at| believed[at].tau_slant);
        put("vegetation_opacity_option2", &|at| believed[at].tau_slant);
        put("vegetation_opacity_option3", &|at| {
            cells[at].tau_dual_channel
        });
        put("vegetation_opacity", &|at| cells[at].tau_dual_channel);
        put("vegetation_water_content", &|at| believed[at].vwc_kg_m2);
        put("surface_temperature", &|at| believed[at].temperature_kelvin);
        put("clay_fraction", &|at| believed[at].clay_fraction);
        put("bulk_density", &|at| believed[at].bulk_density_g_cm3);
        put("albedo", &|at| believed[at].albedo);
        put("albedo_option3", &|at| believed[at].albedo_dual_channel);
        put("roughness_coefficient", &|at| believed[at].roughness_h);
        put("roughness_coefficient_option3", &|at| {
            believed[at].roughness_h
        });
        put("static_water_body_fraction", &|at| {
            believed[at].water_fraction
        });
        put("radar_water_body_fraction", &|at| {
            believed[at].water_fraction
        });
        put("surface_water_fraction_mb_h", &|at| water_seen[at]);
        put("surface_water_fraction_mb_v", &|at| water_seen[at]);
        put("freeze_thaw_fraction", &|at| frozen[at]);
        put("boresight_incidence", &|_| BORESIGHT_INCIDENCE_DEG);

        let begin_s = j2000_seconds_of_timestamp(pass.start);
        let time = pass.seconds.mapv(|seconds| begin_s + f64::from(seconds));
        maps.times.insert("tb_time_seconds", time);
        let mut put = |name: &'static str, value: &dyn Fn((usize, usize)) -> u16| {
            let words = Array2::from_shape_fn(window.shape(), value);
            maps.flags.insert(name, words);
        };
        put("retrieval_qual_flag_option1", &|at| cells[at].quality[0]);
        put("retrieval_qual_flag_option2", &|at| cells[at].quality[1]);
        put("retrieval_qual_flag_option3", &|at| cells[at].quality[2]);
        put("retrieval_qual_flag", &|at| cells[at].quality[2]);
        put("surface_flag", &flag);
        put("tb_qual_flag_h", &|_| 0);
        put("tb_qual_flag_v", &|_| 0);
        put("grid_surface_status", &|at| {
            u16::from(believed[at].water_fraction > self.limits.most_water)
        });
        maps.classes.insert("landcover_class", cover.classes);
        maps.class_fractions
            .insert("landcover_class_fraction", cover.fractions);
        Ok(maps)
    }

    fn retrieve(&self, cell: &Observed) -> Retrieved {
        let tb = self.without_water(cell);
        let mut retrieved = Retrieved {
            tb_corrected: [tb.tb_h_kelvin as f32, tb.tb_v_kelvin as f32],
            ..Retrieved::NOTHING
        };
        if cell.water_seen > self.limits.most_water || !cell.believed.vwc_kg_m2.is_finite() {
            return retrieved;
        }
        let single = |polarization, tb_kelvin| {
            let found = self.inverter.invert_single_channel(
                polarization,
                &SingleChannelCell {
                    tb_kelvin,
                    surface: cell.believed.surface(),
                    bulk_density_g_cm3: cell.believed.bulk_density_g_cm3.into(),
                    land_cover: cell.land_cover,
                },
            );
            (found.soil_moisture_m3m3, found.status)
        };
        let dual = self.inverter.invert_dual_channel(&DualChannelCell {
            tb,
            surface: cell.believed.surface_dual_channel(),
            bulk_density_g_cm3: cell.believed.bulk_density_g_cm3.into(),
        });
        let results = [
            single(Polarization::H, tb.tb_h_kelvin),
            single(Polarization::V, tb.tb_v_kelvin),
            (dual.soil_moisture_m3m3, dual.status),
        ];
        retrieved.soil_moisture = results.map(|(moisture, _)| moisture as f32);
        retrieved.quality = results.map(|(_, status)| quality_of(status, cell.surface_flag));
        retrieved.tau_dual_channel = dual.tau_slant as f32;
        retrieved
    }

    /// Takes the emission of open water out of the footprint's brightness temperature.
    fn without_water(&self, cell: &Observed) -> BrightnessTemperature {
        let [emissivity_h, emissivity_v] = self.radiometer.water_emissivity();
        let share = f64::from(cell.water_seen);
        let kelvin = f64::from(cell.believed.temperature_kelvin);
        let land = |tb: f64, emissivity: f64| {
            if share > f64::from(self.limits.most_water) {
                tb
            } else {
                (tb - share * emissivity * kelvin) / (1.0 - share)
            }
        };
        BrightnessTemperature {
            tb_h_kelvin: land(cell.tb.tb_h_kelvin, emissivity_h),
            tb_v_kelvin: land(cell.tb.tb_v_kelvin, emissivity_v),
        }
    }
}

/// Flag word of a retrieval, after what the inversion says and the conditions at the surface.
fn quality_of(status: CellStatus, surface_flag: u16) -> u16 {
    let tried = matches!(
        status,
        CellStatus::Ok
            | CellStatus::WithinNoise
            | CellStatus::TooWarm
            | CellStatus::TooCold
            | CellStatus::AtBound
            | CellStatus::NotConverged
    );
    if !tried {
        return NOT_ATTEMPTED;
    }
    // What SMAP sees of water is corrected for; nearby water alone is no reason against.
    let ignored = Flag::RadarWater.mask();
    let mut word = 0;
    if surface_flag & !ignored != 0 {
        word |= Quality::NotRecommended.mask();
    }
    if matches!(
        status,
        CellStatus::TooWarm | CellStatus::TooCold | CellStatus::NotConverged
    ) {
        word |= Quality::NotRecommended.mask() | Quality::NotSuccessful.mask();
    }
    word
}

fn is_frozen(cell: &Believed) -> bool {
    f64::from(cell.temperature_kelvin) < FREEZING_KELVIN
}

/// Whether a neighbouring cell is mostly water.
fn near_open_water(cells: &Array2<Believed>, (row, col): (usize, usize)) -> bool {
    let rows = row.saturating_sub(1)..(row + 2).min(cells.nrows());
    let mut cols = col.saturating_sub(1)..(col + 2).min(cells.ncols());
    cols.any(|col| {
        rows.clone()
            .any(|row| cells[[row, col]].water_fraction > 0.5)
    })
}
