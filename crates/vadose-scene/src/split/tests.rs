//! Tests of station splits.

use proptest::prelude::*;
use vadose_grid::{Cell, LatLonDeg};

use super::*;

fn site(number: usize, row: usize, col: usize) -> StationSite {
    StationSite {
        station: format!("station-{number:03}"),
        network: Some(["USCRN", "SNOTEL"][number % 2].to_owned()),
        cell: Cell { row, col },
        location: LatLonDeg {
            lat_deg: 45.0,
            lon_deg: -120.0 + number as f64 % 50.0,
        },
    }
}

/// One station in each cell.
fn lonely(n: usize) -> Vec<StationSite> {
    (0..n)
        .map(|i| site(i, 2000 + 13 * (i / 20), 6000 + 17 * (i % 20)))
        .collect()
}

fn with_method(method: SplitMethod) -> SplitConfig {
    SplitConfig {
        method,
        ..SplitConfig::paper(5)
    }
}

#[test]
fn the_paper_s_529_sensors_split_as_its_fractions_say() {
    // 0.30 * 529 = 158.7; one seventh of the other 370 is 52.86.
    let counts = SplitConfig::paper(0).build(&lonely(529)).unwrap().counts();
    assert_eq!(
        (counts.train, counts.validation, counts.test),
        (317, 53, 159)
    );
}

#[test]
fn stations_of_one_cell_stay_together() {
    let sites: Vec<_> = (0..60).map(|i| site(i, 2000 + i / 3, 6000)).collect();
    for seed in 0..20 {
        let split = SplitConfig::paper(seed).build(&sites).unwrap();
        for trio in sites.chunks(3) {
            let names: Vec<_> = trio.iter().map(|s| s.station.clone()).collect();
            assert!(split.of_all(&names).is_some(), "seed {seed}: {names:?}");
        }
        assert_eq!(split.counts().test, 18);
    }
}

#[test]
fn a_station_that_moved_ties_its_cells() {
    let mut sites = lonely(40);
    let moved = StationSite {
        cell: sites[1].cell,
        ..sites[0].clone()
    };
    sites.push(moved);
    for seed in 0..20 {
        let split = SplitConfig::paper(seed).build(&sites).unwrap();
        assert_eq!(split.get("station-000"), split.get("station-001"));
    }
}

#[test]
fn blocks_are_never_torn() {
    let sites = lonely(300);
    let split = with_method(SplitMethod::SpatialBlock { cells: 36 })
        .build(&sites)
        .unwrap();
    let mut by_block: BTreeMap<(usize, usize), BTreeSet<Split>> = BTreeMap::new();
    for site in &sites {
        let block = (site.cell.row / 36, site.cell.col / 36);
        by_block
            .entry(block)
            .or_default()
            .extend(split.get(&site.station));
    }
    assert!(by_block.len() > 20);
    assert!(by_block.values().all(|splits| splits.len() == 1));
    // A block holds at most 9 of these stations, so no share misses its mark by more.
    let counts = split.counts();
    assert!(
        counts.test.abs_diff(90) <= 9 && counts.validation.abs_diff(30) <= 9,
        "{counts:?}"
    );
}

#[test]
fn regions_are_held_out_whole() {
    let sites = lonely(100);
    let method = SplitMethod::Region {
        boundaries_lon_deg: vec![-110.0, -90.0],
        test: BTreeSet::from([0]),
    };
    let split = with_method(method).build(&sites).unwrap();
    for site in &sites {
        let is_west = site.location.lon_deg < -110.0;
        assert_eq!(
            split.get(&site.station) == Some(Split::Test),
            is_west,
            "{site:?}"
        );
    }
    assert_eq!(split.counts().validation, 11); // 80 / 7
}

#[test]
fn networks_are_held_out_whole() {
    let method = SplitMethod::Network {
        test: BTreeSet::from(["SNOTEL".to_owned()]),
    };
    let sites = lonely(70);
    let split = with_method(method).build(&sites).unwrap();
    for site in &sites {
        let is_snotel = site.network.as_deref() == Some("SNOTEL");
        assert_eq!(split.get(&site.station) == Some(Split::Test), is_snotel);
    }
    assert_eq!(
        split.counts(),
        SplitCounts {
            train: 30,
            validation: 5,
            test: 35
        }
    );
}

#[test]
fn what_cannot_be_split_is_refused() {
    let refused = |config: SplitConfig, sites: &[StationSite]| config.build(sites).unwrap_err();
    let sites = lonely(10);
    assert!(matches!(
        refused(SplitConfig::default(), &[]),
        SceneError::Empty { .. }
    ));
    for fraction in [-0.1, 1.1, f64::NAN] {
        let config = SplitConfig {
            test_fraction: fraction,
            ..SplitConfig::default()
        };
        assert!(matches!(
            refused(config, &sites),
            SceneError::OutOfRange {
                what: "test_fraction",
                ..
            }
        ));
    }
    let zero_block = SplitMethod::SpatialBlock { cells: 0 };
    assert!(matches!(
        refused(with_method(zero_block), &sites),
        SceneError::OutOfRange { .. }
    ));
    for boundaries_lon_deg in [
        vec![-90.0, -110.0],
        vec![f64::NAN],
        vec![200.0],
        vec![0.0, 0.0],
    ] {
        let method = SplitMethod::Region {
            boundaries_lon_deg,
            test: BTreeSet::from([0]),
        };
        assert!(matches!(
            refused(with_method(method), &sites),
            SceneError::RegionBoundaries { .. }
        ));
    }
    let nowhere = SplitMethod::Region {
        boundaries_lon_deg: vec![-110.0],
        test: BTreeSet::from([0, 2]),
    };
    assert_eq!(
        refused(with_method(nowhere), &sites).to_string(),
        "no station lies in the held-out region 2"
    );
    let scan = SplitMethod::Network {
        test: BTreeSet::from(["SCAN".to_owned()]),
    };
    assert_eq!(
        refused(with_method(scan.clone()), &sites).to_string(),
        "no station lies in the held-out network SCAN"
    );
    let anonymous = StationSite {
        network: None,
        ..sites[0].clone()
    };
    assert!(matches!(
        refused(with_method(scan), &[anonymous]),
        SceneError::NoNetwork { .. }
    ));
}

#[test]
fn extreme_fractions_give_everything_or_nothing() {
    let config = |test_fraction, validation_fraction_of_rest| SplitConfig {
        test_fraction,
        validation_fraction_of_rest,
        ..SplitConfig::default()
    };
    let counts = |config: SplitConfig| config.build(&lonely(7)).unwrap().counts();
    assert_eq!(counts(config(0.0, 0.0)).train, 7);
    assert_eq!(counts(config(1.0, 0.5)).test, 7);
    assert_eq!(counts(config(0.0, 1.0)).validation, 7);
    assert_eq!(
        SplitConfig::default()
            .build(&lonely(1))
            .unwrap()
            .counts()
            .train,
        1
    );
}

#[test]
fn of_all_needs_known_stations_that_agree() {
    let split: StationSplit = [("a", Split::Train), ("b", Split::Train), ("c", Split::Test)]
        .map(|(station, split)| (station.to_owned(), split))
        .into_iter()
        .collect();
    let of_all =
        |names: &[&str]| split.of_all(&names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>());
    assert_eq!(of_all(&["a", "b"]), Some(Split::Train));
    assert_eq!(of_all(&["a", "c"]), None);
    assert_eq!(of_all(&["a", "x"]), None);
    assert_eq!(of_all(&[]), None);
}

#[test]
fn configuration_and_split_survive_json_and_unknown_keys_do_not() {
    let method = SplitMethod::Region {
        boundaries_lon_deg: vec![-110.0, -95.0],
        test: BTreeSet::from([2]),
    };
    let config = SplitConfig {
        seed: 0,
        ..with_method(method)
    }; // the seed is not part of it
    let json = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<SplitConfig>(&json).unwrap(), config);
    assert!(serde_json::from_str::<SplitConfig>("{\"sed\": 1}").is_err());
    assert_eq!(
        serde_json::from_str::<SplitConfig>("{}").unwrap(),
        SplitConfig::paper(0)
    );

    let split = SplitConfig::paper(1).build(&lonely(3)).unwrap();
    let json = serde_json::to_string(&split).unwrap();
    assert!(json.starts_with("{\"station-000\":\"t"), "{json}");
    assert_eq!(serde_json::from_str::<StationSplit>(&json).unwrap(), split);
}

proptest! {
    #[test]
    fn a_split_is_a_partition_that_ignores_the_order_of_sites(
        n in 1_usize..120,
        cells in 1_usize..60,
        seed in any::<u64>(),
        order in any::<u64>(),
    ) {
        let sites: Vec<_> = (0..n).map(|i| site(i, 2000 + i % 11, 6000 + i % cells)).collect();
        let split = with_method(SplitMethod::SpatialBlock { cells }).build(&sites).unwrap();
        let counts = split.counts();
        prop_assert_eq!(counts.train + counts.validation + counts.test, n);
        prop_assert!(sites.iter().all(|site| split.get(&site.station).is_some()));

        let config = SplitConfig::paper(seed);
        let mut shuffled = sites.clone();
        seed::shuffle(&mut seed::rng(order, "order"), &mut shuffled);
        prop_assert_eq!(config.build(&sites).unwrap(), config.build(&shuffled).unwrap());
    }
}
