//! An archive, opened: its record, its truth and its stations.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use ndarray::{Array1, Array2, ArrayD, Axis, Ix2};
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_io::ismn::{self, FlagPolicy, ReadOptions, Series, SeriesFilter};
use vadose_io::zarr::{self, Store};
use vadose_twin::simulation::SimulationRecord;

/// Stations report every hour; the nearest report is at most half of that away, and one may miss.
const NEAR: SignedDuration = SignedDuration::from_mins(90);

/// An archive, opened.
pub(crate) struct Archive {
    pub(crate) folder: PathBuf,
    pub(crate) record: SimulationRecord,
    pub(crate) window: Window,
    pub(crate) stations: Vec<Station>,
    pub(crate) times: Vec<Timestamp>,
    store: Store,
    daily: zarr::Array,
}

/// The surface probe of a station.
pub(crate) struct Station {
    pub(crate) name: String,
    pub(crate) network: String,
    pub(crate) cell: Cell,
    series: Series,
}

impl Station {
    /// What it reported near a time.
    pub(crate) fn near(&self, time: Timestamp) -> Option<f32> {
        let observation = self.series.nearest(time, NEAR, FlagPolicy::Good)?;
        Some(observation.value)
    }

    /// All good reports.
    pub(crate) fn good(&self) -> impl Iterator<Item = (Timestamp, f32)> {
        let kept = self.series.kept(FlagPolicy::Good);
        kept.map(|observation| (observation.time, observation.value))
    }
}

impl Archive {
    pub(crate) fn open(folder: &Path) -> Result<Self, Box<dyn Error>> {
        let text = fs::read_to_string(folder.join("simulation.json"))?;
        let record: SimulationRecord = serde_json::from_str(&text)?;
        let window = record.configuration.region.window()?;
        let store = Store::open(folder.join("truth.zarr"))?;
        Ok(Self {
            folder: folder.to_owned(),
            window,
            stations: stations(&folder.join("ismn"))?,
            times: times(&store, "time")?,
            daily: store.array("soil_moisture")?,
            store,
            record,
        })
    }

    /// The true moisture at 6 h local solar time of one day.
    pub(crate) fn truth(&self, day: usize) -> Result<Array2<f32>, Box<dyn Error>> {
        let (rows, cols) = self.window.shape();
        let map: ArrayD<f32> = self
            .daily
            .read(&[day as u64, 0, 0], &[1, rows as u64, cols as u64])?;
        Ok(map
            .index_axis_move(Axis(0), 0)
            .into_dimensionality::<Ix2>()?)
    }

    /// A static layer of the truth.
    pub(crate) fn layer(&self, name: &str) -> Result<Array2<f32>, Box<dyn Error>> {
        let (rows, cols) = self.window.shape();
        let map: ArrayD<f32> = self
            .store
            .array(name)?
            .read(&[0, 0], &[rows as u64, cols as u64])?;
        Ok(map.into_dimensionality::<Ix2>()?)
    }

    /// Land cover of the truth.
    pub(crate) fn land_cover(&self) -> Result<Array2<u8>, Box<dyn Error>> {
        let (rows, cols) = self.window.shape();
        let array = self.store.array("land_cover")?;
        let map: ArrayD<u8> = array.read(&[0, 0], &[rows as u64, cols as u64])?;
        Ok(map.into_dimensionality::<Ix2>()?)
    }

    /// The hours of the true series at stations, and the series by the stations' names.
    pub(crate) fn truth_at_stations(&self) -> Result<StationTruth, Box<dyn Error>> {
        let array = self.store.array("soil_moisture_at_stations")?;
        let shape = array.shape().to_vec();
        let values: ArrayD<f32> = array.read(&[0, 0], &shape)?;
        let names = array.attributes()["station_names"].as_array();
        let names = names.into_iter().flatten().filter_map(|name| name.as_str());
        Ok(StationTruth {
            hours: times(&self.store, "station_hour")?,
            names: names.map(str::to_owned).collect(),
            values: values.into_dimensionality::<Ix2>()?,
        })
    }

    /// Day of the truth that is nearest to a time, if it is within two hours.
    pub(crate) fn day_near(&self, time: Timestamp) -> Option<usize> {
        const SAME_PASS: SignedDuration = SignedDuration::from_mins(120);
        let mut days = self.times.iter();
        days.position(|day| day.duration_since(time).abs() <= SAME_PASS)
    }

    /// Files of a product, in order of their names.
    pub(crate) fn granules(&self, product: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
        let mut files = Vec::new();
        for year in fs::read_dir(self.folder.join(product))? {
            for file in fs::read_dir(year?.path())? {
                files.push(file?.path());
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The truth in the cells of the stations: `values` is `[station, hour]`.
pub(crate) struct StationTruth {
    pub(crate) hours: Vec<Timestamp>,
    pub(crate) names: Vec<String>,
    pub(crate) values: Array2<f32>,
}

fn times(store: &Store, name: &str) -> Result<Vec<Timestamp>, Box<dyn Error>> {
    let array = store.array(name)?;
    let seconds: ArrayD<f64> = array.read(&[0], array.shape())?;
    let seconds: Array1<f64> = seconds.into_dimensionality()?;
    let times = seconds.iter().map(|&s| Timestamp::from_second(s as i64));
    Ok(times.collect::<Result<_, _>>()?)
}

fn stations(folder: &Path) -> Result<Vec<Station>, Box<dyn Error>> {
    let mut downloads: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    downloads.sort();
    let mut stations = Vec::new();
    for download in downloads {
        let archive = ismn::Archive::open(&download)?;
        for info in archive.select(&SeriesFilter::default()) {
            let series = archive.read(info, &ReadOptions::default())?;
            stations.push(Station {
                name: info.station.clone(),
                network: info.network.clone(),
                cell: EaseGrid2::M01.locate(series.position)?,
                series,
            });
        }
    }
    Ok(stations)
}
