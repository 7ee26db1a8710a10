//! Every planted fault is listed, and the readers see it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use vadose_grid::EaseGrid2;
use vadose_io::imerg::{self, ImergWindow};
use vadose_io::ismn::{self, FlagPolicy, ReadOptions, SoilMoistureUnit};
use vadose_io::{IoError, Resolution, spl2smap_s, spl2smp, spl4smgp};
use vadose_twin::simulation::{FaultKind, FaultManifest, PlantedFault};
use vadose_twin::{Faults, SimulationConfig};

use crate::{REGION, config, write};

/// Days until every fault has come: precipitation is missing on the 17th.
const DAYS_TO_THE_LAST: u16 = 18;

static FAULTY: LazyLock<(PathBuf, FaultManifest)> = LazyLock::new(|| {
    let config = SimulationConfig {
        faults: Faults::Typical,
        ..config(DAYS_TO_THE_LAST)
    };
    let (folder, _) = write("faulty", config);
    let text = fs::read_to_string(folder.join("faults.json")).unwrap();
    (folder, serde_json::from_str(&text).unwrap())
});

/// The planted faults of a kind, at least one.
fn planted(kind: FaultKind) -> Vec<(&'static PlantedFault, PathBuf)> {
    let (folder, manifest) = &*FAULTY;
    let faults = manifest.faults.iter().filter(|fault| fault.kind == kind);
    let faults: Vec<_> = faults.map(|f| (f, folder.join(&f.path))).collect();
    assert!(!faults.is_empty(), "no {kind:?}");
    faults
}

/// Values of a granule that are valid, and that are out of range.
fn counts(fault: &PlantedFault, path: &Path) -> Result<[usize; 2], IoError> {
    let sum = |counts: &mut dyn Iterator<Item = vadose_io::Counts>| {
        counts.fold([0, 0], |[valid, out], now| {
            [valid + now.valid, out + now.out_of_range]
        })
    };
    Ok(match fault.product.as_str() {
        "SPL2SMP_E" => sum(&mut spl2smp::read(path)?.fields.values().map(|f| f.counts)),
        "SPL2SMAP_S" => {
            let granule = spl2smap_s::read(path, Resolution::Km1)?;
            sum(&mut granule.fields.values().map(|field| field.counts))
        }
        "SPL4SMGP" => {
            let window = REGION.window().unwrap().coarsened(EaseGrid2::M09).unwrap();
            let granule = spl4smgp::read(path, window, &["sm_surface", "surface_temp"])?;
            sum(&mut granule.fields.values().map(|field| field.counts))
        }
        "GPM_3IMERGHH" => {
            let window = ImergWindow::new(520, 760, 10, 10)?;
            sum(&mut std::iter::once(
                imerg::read(path, window)?.precipitation.counts,
            ))
        }
        product => unreachable!("{product}"),
    })
}

#[test]
fn truncated_granules_are_errors_that_name_the_file() {
    let faults = planted(FaultKind::TruncatedGranule);
    assert_eq!(faults.len(), 4, "one of each product");
    for (fault, path) in faults {
        let error = counts(fault, &path).unwrap_err().to_string();
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn a_scene_of_fill_values_has_no_valid_moisture() {
    for (_, path) in planted(FaultKind::AllFill) {
        let granule = spl2smap_s::read(&path, Resolution::Km1).unwrap();
        let refused = granule.require_soil_moisture();
        assert!(matches!(refused, Err(IoError::NoValidSoilMoisture { .. })));
    }
}

#[test]
fn leaked_fill_values_are_counted_as_out_of_range() {
    for (fault, path) in planted(FaultKind::LeakedFill) {
        let [valid, out_of_range] = counts(fault, &path).unwrap();
        assert!(valid > 0 && out_of_range > 0, "{}", fault.product);
    }
}

#[test]
fn missing_granules_are_not_there() {
    for (_, path) in planted(FaultKind::MissingDay) {
        assert!(!path.exists());
    }
    let outages = FAULTY
        .1
        .faults
        .iter()
        .filter(|f| f.kind == FaultKind::Outage);
    assert_eq!(outages.count(), 0, "SMAP was off in 2019, not in 2017");
}

/// The station archive and the series of a fault.
fn series_of(path: &Path) -> (ismn::Archive, vadose_io::ismn::SeriesInfo) {
    let folder = path.ancestors().nth(3).unwrap();
    let archive = ismn::Archive::open(folder).unwrap();
    let ending = path.strip_prefix(folder).unwrap().to_str().unwrap();
    let ends = |info: &&vadose_io::ismn::SeriesInfo| info.path.ends_with(ending);
    let info = archive.series().iter().find(ends).unwrap().clone();
    (archive, info)
}

#[test]
fn a_series_listed_twice_is_found() {
    for (_, path) in planted(FaultKind::DuplicateStation) {
        let (archive, info) = series_of(&path);
        let duplicates = archive.duplicates();
        let names_both = |paths: &[String]| paths.len() == 2 && paths.contains(&info.path);
        assert!(duplicates.iter().any(|found| names_both(&found.paths)));
    }
}

#[test]
fn lines_that_end_in_a_carriage_return_are_read_whole() {
    for (_, path) in planted(FaultKind::CarriageReturns) {
        assert!(!fs::read(&path).unwrap().contains(&b'\n'));
        let (archive, info) = series_of(&path);
        let series = archive.read(&info, &ReadOptions::default()).unwrap();
        let hours = 24 * usize::from(DAYS_TO_THE_LAST);
        assert!(series.kept(FlagPolicy::Good).count() > hours / 2);
    }
}

#[test]
fn percentages_are_refused_unless_declared() {
    for (_, path) in planted(FaultKind::PercentUnits) {
        let (archive, info) = series_of(&path);
        let kept = |unit| {
            let options = ReadOptions {
                soil_moisture_unit: unit,
                ..ReadOptions::default()
            };
            let series = archive.read(&info, &options).unwrap();
            let values: Vec<f32> = series.kept(FlagPolicy::Good).map(|o| o.value).collect();
            values
        };
        let hours = 24 * usize::from(DAYS_TO_THE_LAST);
        assert!(kept(SoilMoistureUnit::VolumeFraction).is_empty());
        let values = kept(SoilMoistureUnit::Percent);
        assert!(values.len() > hours / 2 && values.iter().all(|&v| v < 0.7));
    }
}
