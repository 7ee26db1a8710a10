//! ISMN archives: what the stations reported, in both text formats.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use rayon::prelude::*;
use vadose_io::IoError;
use vadose_io::ismn::{
    ArchiveContainer, ArchiveForm, ArchiveWriter, FlagSet, LineEnd, Observation, Rejections,
    Series, SeriesInfo, StaticVariable, StaticVariables, TextFormat, Variable, write_archive,
};

use super::archive::Archive;
use super::faults::{FaultKind, PlantedFault};
use super::nature::{SeasonSeries, StationTruth};
use super::{Phase, Progress, ShowProgress, Simulation};
use crate::TwinError;
use crate::config::Faults;
use crate::period::timestamp_of_hour;
use crate::stations::{CellHours, Network, Observer, Probe};

/// Stations observed and written together.
const BATCH: usize = 64;

/// One download: a network, its format and its name.
struct Download {
    network: Network,
    form: ArchiveForm,
    name: &'static str,
}

/// The two text formats and the two containers of ISMN downloads.
const DOWNLOADS: [Download; 2] = [
    Download {
        network: Network::Uscrn,
        form: ArchiveForm {
            container: ArchiveContainer::Folder,
            format: TextFormat::HeaderValues,
            line_end: LineEnd::CrLf,
        },
        name: "Data_separate_files_header",
    },
    Download {
        network: Network::Snotel,
        form: ArchiveForm {
            container: ArchiveContainer::Zip,
            format: TextFormat::Ceop,
            line_end: LineEnd::CrLf,
        },
        name: "Data_separate_files",
    },
];

pub(super) fn write(
    simulation: &Simulation,
    series: &[SeasonSeries],
    archive: &mut Archive,
    show: &mut ShowProgress<'_>,
) -> Result<(), TwinError> {
    let observer = simulation.config().stations.clone().build()?;
    let (Some(first), Some(last)) = (simulation.seasons.first(), simulation.seasons.last()) else {
        return Ok(());
    };
    let last_day = last.dates().last().unwrap_or(last.first);
    let period = [first.first, last_day];
    let total = simulation.sites().len() as u64;
    let mut done = 0;
    for download in DOWNLOADS {
        let stations: Vec<usize> = (0..simulation.sites().len())
            .filter(|&idx| simulation.sites()[idx].network == download.network)
            .collect();
        if stations.is_empty() {
            continue;
        }
        let days = period.map(|day| day.strftime("%Y%m%d").to_string());
        let ending = match download.form.container {
            ArchiveContainer::Folder => "",
            ArchiveContainer::Zip => ".zip",
        };
        let relative = format!("ismn/{}_{}_{}{ending}", download.name, days[0], days[1]);
        let path = archive.path(&relative);
        let folder = archive.path("ismn");
        fs::create_dir_all(&folder).map_err(|source| IoError::File {
            action: "create",
            path: folder,
            source,
        })?;
        let spoils = simulation.config().faults == Faults::Typical
            && download.form.container == ArchiveContainer::Folder;
        let planted = write_archive(&path, download.form, |writer| {
            let mut planted = Vec::new();
            for batch in stations.chunks(BATCH) {
                let texts = batch
                    .par_iter()
                    .map(|&idx| station(&observer, series, idx, period))
                    .collect::<Result<Vec<_>, TwinError>>()?;
                for (position, (mut of_station, static_variables)) in (done..).zip(texts) {
                    if spoils {
                        planted.extend(spoil(position, &mut of_station, last_day));
                    }
                    add(writer, &of_station, &static_variables)?;
                }
                done += batch.len() as u64;
                show(Progress {
                    phase: Phase::Stations,
                    year: 0,
                    done,
                    total,
                });
            }
            Ok::<_, TwinError>(planted)
        })?;
        for (kind, file) in planted {
            let file = format!("{relative}/{file}");
            if kind == FaultKind::CarriageReturns {
                only_carriage_returns(&archive.path(&file))?;
            }
            archive.manifest().plant(PlantedFault {
                kind,
                product: download.network.name().to_owned(),
                path: file,
                date: None,
            });
        }
    }
    Ok(())
}

fn add(
    writer: &mut ArchiveWriter,
    series: &[Series],
    static_variables: &StaticVariables,
) -> Result<(), TwinError> {
    writer.add_series(series)?;
    if let Some(first) = series.first() {
        let SeriesInfo {
            network, station, ..
        } = &first.info;
        writer.add_static_variables(network, station, static_variables)?;
    }
    Ok(())
}

/// All series of a station, and its static variables.
fn station(
    observer: &Observer,
    seasons: &[SeasonSeries],
    idx: usize,
    period: [Date; 2],
) -> Result<(Vec<Series>, StaticVariables), TwinError> {
    let mut all: Vec<Series> = Vec::new();
    for season in seasons {
        let truth = &season.stations[idx];
        let cell = CellHours {
            start_hour: season.hours.start,
            moisture_m3m3: &truth.moisture_m3m3,
            soil_5cm_kelvin: &truth.soil_5cm_kelvin,
            soil_20cm_kelvin: &truth.soil_20cm_kelvin,
            soil: truth.soil,
        };
        let reported = observer.observe(&truth.site, &cell)?;
        let parts = [&reported.shallow, &reported.deep]
            .into_iter()
            .flat_map(|probe| series_of(truth, probe, period));
        for (position, part) in parts.enumerate() {
            match all.get_mut(position) {
                Some(series) => series.observations.extend(part.observations),
                None => all.push(part),
            }
        }
    }
    let soil = seasons
        .first()
        .map(|season| static_variables(&season.stations[idx]));
    Ok((all, soil.unwrap_or_default()))
}

/// Moisture and temperature of one probe.
fn series_of(truth: &StationTruth, probe: &Probe, period: [Date; 2]) -> [Series; 2] {
    let site = &truth.site;
    let series = |variable, observations| Series {
        info: SeriesInfo {
            network: site.network.name().to_owned(),
            station: site.name.clone(),
            variable,
            depth_from_m: probe.depth_m,
            depth_to_m: probe.depth_m,
            sensor: site.network.sensor().to_owned(),
            period: Some(period),
            path: String::new(),
        },
        position: site.location,
        elevation_m: f64::from(site.elevation_m),
        observations,
        provider_flags: vec!["M".to_owned()],
        rejected: Rejections::default(),
        discrepancy: None,
    };
    let observations = |values: &[f32], is_moisture: bool| {
        let lines = probe.hours.iter().zip(values).zip(&probe.flags);
        lines
            .map(|((&hour, &value), flags)| {
                let flags = if value.is_nan() {
                    FlagSet::MISSING
                } else if is_moisture {
                    flags
                        .iter()
                        .map(|flag| FlagSet::parse(flag.code().as_bytes()))
                        .fold(FlagSet::default(), FlagSet::union)
                } else {
                    FlagSet::GOOD
                };
                Observation {
                    time: timestamp_of_hour(hour + 1),
                    value,
                    flags,
                    provider_flag_idx: Some(0),
                }
            })
            .collect()
    };
    [
        series(
            Variable::SoilMoisture,
            observations(&probe.moisture_m3m3, true),
        ),
        series(
            Variable::SoilTemperature,
            observations(&probe.temperature_celsius, false),
        ),
    ]
}

fn static_variables(truth: &StationTruth) -> StaticVariables {
    let row = |quantity: &str, unit: &str, value: f32| StaticVariable {
        quantity: quantity.to_owned(),
        unit: unit.to_owned(),
        depth_m: Some([0.0, 0.3]),
        value: format!("{value:.2}"),
        description: String::new(),
        source: "HWSD".to_owned(),
    };
    StaticVariables {
        rows: vec![
            row("saturation", "m^3*m^-3", truth.soil.porosity),
            row("clay fraction", "% weight", 100.0 * truth.clay_fraction),
            row("sand fraction", "% weight", 100.0 * truth.sand_fraction),
        ],
    }
}

/// The faults of the first two stations, and the files that they are in.
fn spoil(position: u64, series: &mut Vec<Series>, last_day: Date) -> Vec<(FaultKind, String)> {
    let moisture = |series: &&mut Series| series.info.variable == Variable::SoilMoisture;
    match position {
        0 => {
            let mut probes = series.iter_mut().filter(moisture);
            let shallow = probes.next().map(|shallow| file_of(&shallow.info));
            // The series of the deep probe again, ordered for one day less.
            let twin = probes.next().map(|deep| deep.clone()).map(|mut twin| {
                if let (Some([_, last]), Ok(day)) = (&mut twin.info.period, last_day.yesterday()) {
                    *last = day;
                }
                twin
            });
            let mut planted: Vec<_> = shallow
                .map(|file| (FaultKind::CarriageReturns, file))
                .into_iter()
                .collect();
            if let Some(twin) = twin {
                planted.push((FaultKind::DuplicateStation, file_of(&twin.info)));
                series.push(twin);
            }
            planted
        }
        1 => series
            .iter_mut()
            .find(moisture)
            .map_or_else(Vec::new, |shallow| {
                let values = shallow.observations.iter_mut().map(|line| &mut line.value);
                for value in values {
                    *value *= 100.0;
                }
                vec![(FaultKind::PercentUnits, file_of(&shallow.info))]
            }),
        _ => Vec::new(),
    }
}

/// Path of a series within its archive.
fn file_of(info: &SeriesInfo) -> String {
    let SeriesInfo {
        network,
        station,
        variable,
        depth_from_m,
        depth_to_m,
        sensor,
        ..
    } = info;
    let days = info.period.map_or_else(String::new, |[first, last]| {
        format!("{}_{}", first.strftime("%Y%m%d"), last.strftime("%Y%m%d"))
    });
    format!(
        "{network}/{station}/{network}_{network}_{station}_{variable}_{depth_from_m:.6}_{depth_to_m:.6}_{sensor}_{days}.stm"
    )
}

/// Makes every line of a file end in a carriage return and nothing else.
fn only_carriage_returns(path: &Path) -> Result<(), TwinError> {
    let failed = |action| {
        move |source| IoError::File {
            action,
            path: path.to_owned(),
            source,
        }
    };
    let text = fs::read(path).map_err(failed("read"))?;
    let text: Vec<u8> = text.into_iter().filter(|&byte| byte != b'\n').collect();
    Ok(fs::write(path, text).map_err(failed("write"))?)
}
