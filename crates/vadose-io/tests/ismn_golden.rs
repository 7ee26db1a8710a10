//! TU Wien's reader on its own sample archives (`golden/ismn/SOURCE.md`).
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use vadose_io::ismn::{Archive, FlagPolicy, FlagSet, ReadOptions, Series, StaticVariables};

/// The peer holds values as f64, we as f32: half a unit in the last place of a value below 1.
const VALUE_ROUNDING: f64 = 3e-8;

#[derive(Deserialize)]
struct Peer {
    archive: String,
    path: String,
    station: String,
    sensor: String,
    depth_in_file_m: [f64; 2],
    lat_deg: f64,
    lon_deg: f64,
    elevation_m: f64,
    n: usize,
    first: (String, f64),
    last: (String, f64),
    mean: f64,
    flags: BTreeMap<String, usize>,
    n_provider_flags: usize,
    n_days: usize,
    mean_of_days: f64,
    first_day: (String, f64),
    last_day: (String, f64),
    r#static: Option<BTreeMap<String, serde_json::Value>>,
}

fn peers() -> Vec<Peer> {
    serde_json::from_str(include_str!("golden/ismn/values.json")).unwrap()
}

fn read(peer: &Peer) -> (Archive, Series) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/ismn");
    let archive = Archive::open(folder.join(&peer.archive)).unwrap();
    let info = archive.series().iter().find(|info| info.path == peer.path);
    let series = archive
        .read(info.unwrap(), &ReadOptions::default())
        .unwrap();
    (archive, series)
}

fn assert_close(what: &str, ours: f64, peer: f64) {
    assert!(
        (ours - peer).abs() <= VALUE_ROUNDING,
        "{what}: {ours} is not {peer}"
    );
}

#[test]
fn every_series_has_the_values_flags_and_place_of_the_peer() {
    let peers = peers();
    assert_eq!(peers.len(), 14);
    for peer in &peers {
        let (_, series) = read(peer);
        let what = &peer.path;
        assert_eq!(series.info.station, peer.station, "{what}");
        assert_eq!(series.info.sensor, peer.sensor, "{what}");
        let place = (
            series.position.lat_deg,
            series.position.lon_deg,
            series.elevation_m,
        );
        assert_eq!(
            place,
            (peer.lat_deg, peer.lon_deg, peer.elevation_m),
            "{what}"
        );
        // The header's depths are rounded to two decimals, the name's are not.
        assert!(
            (series.info.depth_to_m - peer.depth_in_file_m[1]).abs() < 0.005,
            "{what}"
        );
        assert_eq!(series.discrepancy, None, "{what}");

        let observations = &series.observations;
        assert_eq!(observations.len(), peer.n, "{what}");
        assert_eq!(series.rejected.total(), 0, "{what}");
        for (observation, (time, value)) in [
            (observations.first(), &peer.first),
            (observations.last(), &peer.last),
        ] {
            let observation = observation.unwrap();
            assert_eq!(&observation.time.to_string(), time, "{what}");
            assert_close(what, f64::from(observation.value), *value);
        }
        let sum: f64 = observations.iter().map(|o| f64::from(o.value)).sum();
        assert_close(what, sum / observations.len() as f64, peer.mean);

        let mut flags = BTreeMap::new();
        for observation in observations {
            *flags.entry(observation.flags).or_insert(0_usize) += 1;
        }
        let mut peer_flags = BTreeMap::new();
        for (text, n) in &peer.flags {
            *peer_flags
                .entry(FlagSet::parse(text.as_bytes()))
                .or_insert(0_usize) += n;
        }
        assert_eq!(flags, peer_flags, "{what}");
        let n_provider_flags = observations
            .iter()
            .filter(|o| series.provider_flag(o).is_some());
        assert_eq!(n_provider_flags.count(), peer.n_provider_flags, "{what}");
    }
}

#[test]
fn daily_means_match_the_peer_with_pandas() {
    for peer in &peers() {
        let (_, series) = read(peer);
        let what = &peer.path;
        let days = series.daily_means(FlagPolicy::GoodOrUnchecked);
        assert_eq!(days.len(), peer.n_days, "{what}");
        for (day, (date, value)) in [
            (days.first(), &peer.first_day),
            (days.last(), &peer.last_day),
        ] {
            let day = day.unwrap();
            assert_eq!(&day.date.to_string(), date, "{what}");
            assert_close(what, f64::from(day.value), *value);
        }
        let sum: f64 = days.iter().map(|day| f64::from(day.value)).sum();
        assert_close(what, sum / days.len() as f64, peer.mean_of_days);
    }
}

#[test]
fn static_variables_match_the_peer_at_the_depth_of_the_sensor() {
    let mut n_tables = 0;
    for peer in &peers() {
        let (archive, series) = read(peer);
        let ours: Option<StaticVariables> = archive.static_variables(&series.info).unwrap();
        assert_eq!(ours.is_some(), peer.r#static.is_some(), "{}", peer.path);
        let (Some(ours), Some(values)) = (ours, &peer.r#static) else {
            continue;
        };
        n_tables += 1;
        let depth = [series.info.depth_from_m, series.info.depth_to_m];
        for (key, quantity) in [
            ("saturation", "saturation"),
            ("clay_fraction", "clay fraction"),
            ("sand_fraction", "sand fraction"),
            ("silt_fraction", "silt fraction"),
            ("organic_carbon", "organic carbon"),
        ] {
            assert_eq!(
                ours.number(quantity, depth),
                values[key].as_f64(),
                "{}",
                peer.path
            );
        }
        for (key, quantity, source) in [
            ("lc_2000", "land cover classification", "CCI_landcover_2000"),
            ("lc_2010", "land cover classification", "CCI_landcover_2010"),
            (
                "climate_KG",
                "climate classification",
                "koeppen_geiger_2007",
            ),
        ] {
            assert_eq!(
                ours.text(quantity, source),
                values[key].as_str(),
                "{}",
                peer.path
            );
        }
    }
    assert_eq!(n_tables, 5);
}
