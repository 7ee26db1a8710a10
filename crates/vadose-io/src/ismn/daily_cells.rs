//! From an archive to a table of soil moisture by day and grid cell.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rayon::prelude::*;
use vadose_grid::{Cell, EaseGrid2};

use super::{
    Archive, DailyMean, FlagPolicy, ReadOptions, RejectReason, Series, SeriesFilter, SeriesInfo,
    SkippedFile,
};
use crate::IoError;

/// What goes into the table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DailyCellsConfig {
    /// Which series: surface soil moisture by default.
    pub filter: SeriesFilter,
    /// Which flags: good ones only by default.
    pub flags: FlagPolicy,
    /// How they are read: m3 m-3 and all times by default.
    pub options: ReadOptions,
}

/// Soil moisture of one cell on one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellDay {
    /// The day, UTC.
    pub date: Date,
    /// The cell.
    pub cell: Cell,
    /// Mean over the stations of the cell, each the mean of its sensors, m3 m-3.
    pub value_m3m3: f32,
    /// Standard deviation of the stations about their mean (divisor n), m3 m-3: 0 for one station.
    pub standard_deviation_m3m3: f32,
    /// Number of stations.
    pub n_stations: u32,
    /// Number of sensors of these stations.
    pub n_sensors: u32,
}

/// The table, and what did not get into it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DailyCells {
    /// Ordered by day, then cell.
    pub rows: Vec<CellDay>,
    /// Number of series that were read.
    pub n_series: usize,
    /// Series that could not be read or stand outside the grid, and why.
    pub skipped: Vec<SkippedFile>,
    /// Lines left out when the series were read, by reason.
    pub rejected: BTreeMap<RejectReason, u64>,
    /// Values left out because of their flags.
    pub n_flagged: u64,
}

/// Averages an archive by day and cell.
///
/// Each series gives the mean of its good values over each day, UTC; the sensors of a station are
/// averaged first, then the stations of a cell, each with equal say, as
/// [`vadose_scene::average_by_cell`] does. Series are read with all threads, one by one, and only
/// their daily means stay in memory.
///
/// # Shapes and units
/// m3 m-3 for soil moisture, the variable's own unit for another; sums in f64.
/// # Missing values
/// Days without a good value have no row. A series that cannot be read, or that stands outside the
/// grid, is listed and the others are averaged without it.
/// # References
/// The rule of the paper: Tsagkatakis et al. (2024), section 3. Peer: `ismn` 1.5 with pandas.
/// # Examples
/// ```
/// use vadose_grid::EaseGrid2;
/// use vadose_io::ismn::{Archive, DailyCellsConfig, FlagPolicy, daily_cells};
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ismn/smosmania_header_values.zip");
///
/// let config = DailyCellsConfig { flags: FlagPolicy::GoodOrUnchecked, ..Default::default() };
/// let table = daily_cells(&Archive::open(path)?, &config, EaseGrid2::M01);
/// assert_eq!(table.rows.len(), 31);
/// assert_eq!(table.n_flagged, 5);
/// # Ok::<(), vadose_io::IoError>(())
/// ```
#[must_use]
pub fn daily_cells(archive: &Archive, config: &DailyCellsConfig, grid: EaseGrid2) -> DailyCells {
    let infos: Vec<&SeriesInfo> = archive.select(&config.filter).collect();
    let read = archive.map_series(&infos, &config.options, |_, series| {
        SensorDays::of(&series?, config.flags, grid)
    });
    let mut table = DailyCells::default();
    table.skipped.extend_from_slice(archive.skipped());
    let mut by_cell: BTreeMap<Cell, BTreeMap<String, Vec<Vec<DailyMean>>>> = BTreeMap::new();
    for (info, sensor) in infos.iter().zip(read) {
        match sensor {
            Ok(sensor) => {
                table.n_series += 1;
                table.n_flagged += sensor.n_flagged;
                for (reason, n) in sensor.rejected {
                    *table.rejected.entry(reason).or_default() += n;
                }
                let stations = by_cell.entry(sensor.cell).or_default();
                stations
                    .entry(info.station_id())
                    .or_default()
                    .push(sensor.means);
            }
            Err(error) => table.skipped.push(SkippedFile {
                path: info.path.clone(),
                reason: error.to_string(),
            }),
        }
    }
    let cells: Vec<_> = by_cell.into_iter().collect();
    table.rows = cells
        .into_par_iter()
        .flat_map_iter(|(cell, stations)| rows_of_cell(cell, &stations))
        .collect();
    table
        .rows
        .par_sort_unstable_by_key(|row| (row.date, row.cell));
    table
}

/// What one series contributes.
struct SensorDays {
    cell: Cell,
    means: Vec<DailyMean>,
    rejected: BTreeMap<RejectReason, u64>,
    n_flagged: u64,
}

impl SensorDays {
    fn of(series: &Series, flags: FlagPolicy, grid: EaseGrid2) -> Result<Self, IoError> {
        let cell = grid
            .locate(series.position)
            .map_err(|source| IoError::Grid {
                path: series.info.path.clone().into(),
                source,
            })?;
        let means = series.daily_means(flags);
        let n_kept: u64 = means.iter().map(|mean| u64::from(mean.n_values)).sum();
        Ok(Self {
            cell,
            means,
            rejected: series.rejected.counts.clone(),
            n_flagged: series.observations.len() as u64 - n_kept,
        })
    }
}

fn rows_of_cell(cell: Cell, stations: &BTreeMap<String, Vec<Vec<DailyMean>>>) -> Vec<CellDay> {
    let mut by_day: BTreeMap<Date, Vec<(f64, u32)>> = BTreeMap::new();
    for sensors in stations.values() {
        let mut of_station: BTreeMap<Date, (f64, u32)> = BTreeMap::new();
        for mean in sensors.iter().flatten() {
            let (sum, n) = of_station.entry(mean.date).or_default();
            *sum += f64::from(mean.value);
            *n += 1;
        }
        for (date, (sum, n)) in of_station {
            by_day
                .entry(date)
                .or_default()
                .push((sum / f64::from(n), n));
        }
    }
    let row = |(date, stations): (Date, Vec<(f64, u32)>)| {
        let n = stations.len() as f64;
        let mean = stations.iter().map(|(value, _)| value).sum::<f64>() / n;
        let square = |(value, _): &(f64, u32)| (value - mean) * (value - mean);
        CellDay {
            date,
            cell,
            value_m3m3: mean as f32,
            standard_deviation_m3m3: (stations.iter().map(square).sum::<f64>() / n).sqrt() as f32,
            n_stations: stations.len() as u32,
            n_sensors: stations.iter().map(|(_, n_sensors)| n_sensors).sum(),
        }
    };
    by_day.into_iter().map(row).collect()
}
