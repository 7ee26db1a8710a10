//! What the probes of a station report.

use vadose_physics::FREEZING_KELVIN;

use super::config::StationConfig;
use super::flags::Flag;
use super::place::Site;
use crate::error::TwinError;
use crate::hash;
use crate::nature_run::Hydraulics;
use crate::noise::TimeNoise;

/// Probes with their errors checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Observer {
    config: StationConfig,
}

/// The truth of a station's cell, hour by hour.
#[derive(Debug, Clone, Copy)]
pub struct CellHours<'a> {
    /// First hour, since 1970-01-01T00Z.
    pub start_hour: i64,
    /// Soil moisture of 0 to 5 cm at the end of each hour, m3 m-3.
    pub moisture_m3m3: &'a [f32],
    /// Soil temperature at 5 cm, K, as long.
    pub soil_5cm_kelvin: &'a [f32],
    /// Soil temperature at 20 cm, K, as long.
    pub soil_20cm_kelvin: &'a [f32],
    /// What the cell's soil holds.
    pub soil: Hydraulics,
}

/// What one probe reports.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// Depth, m.
    pub depth_m: f64,
    /// Hours since 1970-01-01T00Z of the lines; hours in gaps have none.
    pub hours: Vec<i64>,
    /// Soil moisture, m3 m-3; NaN where flagged [`Flag::Missing`].
    pub moisture_m3m3: Vec<f32>,
    /// Quality flags, ascending and never empty.
    pub flags: Vec<Vec<Flag>>,
    /// Soil temperature at the same depth, °C; NaN where the moisture is missing.
    pub temperature_celsius: Vec<f32>,
}

/// What a station reports.
#[derive(Debug, Clone, PartialEq)]
pub struct StationSeries {
    /// 5 cm, or two inches.
    pub shallow: Probe,
    /// 10 cm, or eight inches.
    pub deep: Probe,
}

impl StationConfig {
    /// Probes that err by these numbers.
    ///
    /// # Errors
    /// [`TwinError::Config`] for a number outside its range.
    pub fn build(self) -> Result<Observer, TwinError> {
        self.check()?;
        Ok(Observer { config: self })
    }
}

impl Observer {
    /// What a station reports of the truth of its cell.
    ///
    /// The shallow probe has the cell's moisture with a bias, another amplitude and a drift, all
    /// its own; the deep probe sees the shallow place through a linear reservoir of four days. Then
    /// come frost (liquid water falls, D01), noise, resolution, spikes (D06), values below 0 (C01),
    /// above 0.60 (C02) and above saturation (C03), and gaps.
    ///
    /// # Shapes and units
    /// As [`CellHours`] and [`Probe`].
    /// # Missing values
    /// Half of the hours in gaps have no line, half have one with NaN and [`Flag::Missing`].
    /// # Errors
    /// [`TwinError::SeriesLength`] if the series of the cell differ in length.
    pub fn observe(&self, site: &Site, cell: &CellHours<'_>) -> Result<StationSeries, TwinError> {
        let expected = cell.moisture_m3m3.len();
        for (what, got) in [
            ("soil temperature at 5 cm", cell.soil_5cm_kelvin.len()),
            ("soil temperature at 20 cm", cell.soil_20cm_kelvin.len()),
        ] {
            if got != expected {
                return Err(TwinError::SeriesLength {
                    what,
                    expected,
                    got,
                });
            }
        }
        let place = self.moisture_at_place(site, cell);
        let below = reservoir(&place);
        let (shallow_m, deep_m) = (site.network.shallow_m(), site.network.deep_m());
        Ok(StationSeries {
            shallow: self.report(
                site,
                cell,
                &Channel {
                    depth_m: shallow_m,
                    seed: hash::of_all(site.seed, &[0]),
                    moisture: &place,
                    kelvin: cell.soil_5cm_kelvin,
                },
            ),
            deep: self.report(
                site,
                cell,
                &Channel {
                    depth_m: deep_m,
                    seed: hash::of_all(site.seed, &[1]),
                    moisture: &below,
                    kelvin: cell.soil_20cm_kelvin,
                },
            ),
        })
    }

    /// Moisture at the station's place, before the probe.
    fn moisture_at_place(&self, site: &Site, cell: &CellHours<'_>) -> Vec<f32> {
        let config = &self.config;
        let draw = |idx| hash::standard(hash::of_all(site.seed, &[idx]));
        let bias = config.bias_m3m3 as f32 * draw(3);
        let amplitude = (config.amplitude_log_sd as f32 * draw(4)).exp();
        let drift = TimeNoise::new(hash::of_all(site.seed, &[5]), 12.0, 96.0);
        // The level around which the amplitude acts: a property of the soil, not of the period.
        let centre = 0.5 * (cell.soil.residual + cell.soil.field_capacity);
        (cell.start_hour..)
            .zip(cell.moisture_m3m3)
            .map(|(hour, &moisture)| {
                let wander = config.drift_m3m3 as f32 * drift.at(hour as f64);
                let value = centre + amplitude * (moisture - centre) + bias + wander;
                value.clamp(Hydraulics::DRIEST / 2.0, cell.soil.porosity)
            })
            .collect()
    }

    fn report(&self, site: &Site, cell: &CellHours<'_>, channel: &Channel<'_>) -> Probe {
        let n_hours = channel.moisture.len();
        let mut probe = Probe {
            depth_m: channel.depth_m,
            hours: Vec::with_capacity(n_hours),
            moisture_m3m3: Vec::with_capacity(n_hours),
            flags: Vec::with_capacity(n_hours),
            temperature_celsius: Vec::with_capacity(n_hours),
        };
        for ((hour, &moisture), &kelvin) in (cell.start_hour..)
            .zip(channel.moisture)
            .zip(channel.kelvin)
        {
            let celsius = kelvin - FREEZING_KELVIN as f32;
            let (value, flags, celsius) = match self.gap(site.seed, hour) {
                Gap::NoLine => continue,
                Gap::Line => (f32::NAN, vec![Flag::Missing], f32::NAN),
                Gap::None => {
                    let (value, flags) =
                        self.reading(channel.seed, hour, moisture, celsius, &cell.soil);
                    (value, flags, (celsius * 10.0).round() / 10.0)
                }
            };
            probe.hours.push(hour);
            probe.moisture_m3m3.push(value);
            probe.flags.push(flags);
            probe.temperature_celsius.push(celsius);
        }
        probe
    }

    /// A value and its flags.
    fn reading(
        &self,
        seed: u64,
        hour: i64,
        moisture: f32,
        celsius: f32,
        soil: &Hydraulics,
    ) -> (f32, Vec<Flag>) {
        /// Share of the water that a probe still sees when the ground is frozen.
        const UNFROZEN: f32 = 0.35;
        /// Largest value that ISMN takes for soil, m3 m-3.
        const LARGEST: f32 = 0.60;
        let config = &self.config;
        let draw = |idx| hash::of_all(seed, &[hour, idx]);
        let mut flags = Vec::new();
        let frozen = celsius < 0.0;
        let mut value = if frozen {
            moisture * UNFROZEN
        } else {
            moisture
        };
        value += config.noise_m3m3 as f32 * hash::standard(draw(0));
        let accident = hash::uniform(draw(1));
        if accident < config.spike_share {
            let height = 0.1 + 0.1 * hash::uniform(draw(2)) as f32;
            value += if value > 0.25 { -height } else { height };
            flags.push(Flag::D06);
        } else if accident < config.spike_share + config.impossible_share {
            let extent = 0.01 + 0.2 * hash::uniform(draw(2)) as f32;
            value = if hash::of_all(seed, &[hour, 3]).is_multiple_of(2) {
                -extent
            } else {
                LARGEST + extent
            };
        }
        let resolution = config.resolution_m3m3 as f32;
        let value = (value / resolution).round() * resolution;
        if value < 0.0 {
            flags.push(Flag::C01);
        }
        if value > LARGEST {
            flags.push(Flag::C02);
        }
        if value > soil.porosity {
            flags.push(Flag::C03);
        }
        if frozen {
            flags.push(Flag::D01);
        }
        flags.sort_unstable();
        if flags.is_empty() {
            flags.push(Flag::Good);
        }
        (value, flags)
    }

    /// Gaps come in blocks of six hours: the logger or the link fails, and both probes with it.
    fn gap(&self, seed: u64, hour: i64) -> Gap {
        const BLOCK_HOURS: i64 = 6;
        let hash = hash::of_all(seed, &[6, hour.div_euclid(BLOCK_HOURS)]);
        if hash::uniform(hash) >= self.config.gap_share {
            Gap::None
        } else if hash.is_multiple_of(2) {
            Gap::NoLine
        } else {
            Gap::Line
        }
    }
}

/// One probe on its way to a report.
struct Channel<'a> {
    depth_m: f64,
    seed: u64,
    moisture: &'a [f32],
    kelvin: &'a [f32],
}

/// What is left of an hour.
enum Gap {
    None,
    NoLine,
    Line,
}

/// Moisture below a layer that feeds it: a linear reservoir (Albergel et al. 2008,
/// doi:10.5194/hess-12-1323-2008) that starts at the first value.
fn reservoir(surface: &[f32]) -> Vec<f32> {
    /// Time that water takes to 10 or 20 cm, hours.
    const HOURS: f32 = 96.0;
    let mut below = surface.first().copied().unwrap_or(f32::NAN);
    surface
        .iter()
        .map(|moisture| {
            below += (moisture - below) / HOURS;
            below
        })
        .collect()
}
