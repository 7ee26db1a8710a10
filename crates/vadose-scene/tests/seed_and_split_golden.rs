//! Seeds, generator, shuffle and split against an independent implementation in Python.

use std::collections::BTreeMap;

use rand::RngCore;
use serde::Deserialize;
use vadose_grid::{Cell, LatLonDeg};
use vadose_scene::{Split, SplitConfig, StationSite, seed};

#[derive(Deserialize)]
struct Golden {
    derive: Vec<Derived>,
    next_u64: Vec<u64>,
    below_6: Vec<usize>,
    shuffle_20: Vec<usize>,
    paper_split_seed_7: BTreeMap<String, Split>,
}

#[derive(Deserialize)]
struct Derived {
    master: u64,
    purpose: String,
    seed: u64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/seed_and_split/values.json"))
        .expect("the golden file is as generate.py writes it")
}

#[test]
fn derived_seeds_match_the_golden_values() {
    for Derived {
        master,
        purpose,
        seed,
    } in golden().derive
    {
        assert_eq!(seed::derive(master, &purpose), seed, "{master} {purpose}");
    }
}

#[test]
fn the_generator_s_stream_and_draws_match_the_golden_values() {
    let golden = golden();
    let mut rng = seed::rng(42, "golden");
    let draws: Vec<u64> = golden.next_u64.iter().map(|_| rng.next_u64()).collect();
    assert_eq!(draws, golden.next_u64);
    let mut rng = seed::rng(42, "golden");
    let dice: Vec<usize> = golden
        .below_6
        .iter()
        .map(|_| seed::below(&mut rng, 6))
        .collect();
    assert_eq!(dice, golden.below_6);
    let mut order: Vec<usize> = (0..20).collect();
    seed::shuffle(&mut seed::rng(42, "golden"), &mut order);
    assert_eq!(order, golden.shuffle_20);
}

#[test]
fn a_published_split_never_changes() {
    let golden = golden().paper_split_seed_7;
    let sites: Vec<StationSite> = golden
        .keys()
        .enumerate()
        .map(|(i, station)| StationSite {
            station: station.clone(),
            network: None,
            cell: Cell {
                row: 2000 + i,
                col: 7000,
            },
            location: LatLonDeg {
                lat_deg: 45.0,
                lon_deg: -100.0,
            },
        })
        .collect();
    let split = SplitConfig::paper(7).build(&sites).unwrap();
    let split: BTreeMap<String, Split> = split
        .iter()
        .map(|(station, split)| (station.to_owned(), split))
        .collect();
    assert_eq!(split, golden);
}
