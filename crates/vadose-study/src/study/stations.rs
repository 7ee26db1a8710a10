//! Fewer training stations.

use std::collections::{BTreeMap, BTreeSet};

use vadose_grid::Cell;
use vadose_scene::{Split, StationSite, StationSplit, seed};

/// A split in which this share of the training stations' cells, rounded, at least one, stays in training. The stations
/// of the others are in no split; validation and test stay as they are.
///
/// The cells are put in one order by the seed and taken from its front, so smaller shares are parts of larger ones.
pub(super) fn with_share(
    split: &StationSplit,
    sites: &[StationSite],
    share: f64,
    master_seed: u64,
) -> StationSplit {
    if share >= 1.0 {
        return split.clone();
    }
    let in_training = |station: &str| split.get(station) == Some(Split::Train);
    let trained: Vec<&StationSite> = sites
        .iter()
        .filter(|site| in_training(&site.station))
        .collect();
    let cells: BTreeSet<Cell> = trained.iter().map(|site| site.cell).collect();
    let mut cells = Vec::from_iter(cells);
    seed::shuffle(&mut seed::rng(master_seed, "station share"), &mut cells);
    let n_kept = (share * cells.len() as f64).round().max(1.0) as usize;
    let kept: BTreeSet<Cell> = cells.into_iter().take(n_kept).collect();
    // A station that moved stays only if all its cells do.
    let mut stays: BTreeMap<&str, bool> = BTreeMap::new();
    for site in trained {
        *stays.entry(&site.station).or_insert(true) &= kept.contains(&site.cell);
    }
    split
        .iter()
        .filter(|(station, of)| {
            *of != Split::Train || stays.get(station).copied().unwrap_or_default()
        })
        .map(|(station, of)| (station.to_owned(), of))
        .collect()
}

#[cfg(test)]
mod tests {
    use vadose_grid::LatLonDeg;

    use super::*;

    fn sites() -> Vec<StationSite> {
        let site = |i: usize| StationSite {
            station: format!("NET/{i:02}"),
            network: None,
            // Two stations in each of the first cells.
            cell: Cell {
                row: 900 + i.saturating_sub(i % 2).min(10),
                col: 1800 + i.max(10),
            },
            location: LatLonDeg {
                lat_deg: 40.0,
                lon_deg: -100.0,
            },
        };
        (0..60).map(site).collect()
    }

    fn split() -> StationSplit {
        let of = |i| match i % 6 {
            0 => Split::Test,
            1 => Split::Validation,
            _ => Split::Train,
        };
        let stations = (0..60).map(|i| (format!("NET/{i:02}"), of(i)));
        stations.collect()
    }

    #[test]
    fn shares_are_nested_and_leave_the_other_splits_alone() {
        let (split, sites) = (split(), sites());
        let all = split.counts();
        assert_eq!(with_share(&split, &sites, 1.0, 3), split);
        let mut larger = split.clone();
        for share in [0.5, 0.3, 0.1, 0.01] {
            let thinned = with_share(&split, &sites, share, 3);
            let counts = thinned.counts();
            assert_eq!(
                (counts.validation, counts.test),
                (all.validation, all.test),
                "{share}"
            );
            assert!(counts.train >= 1 && counts.train < larger.counts().train);
            assert!(
                thinned
                    .iter()
                    .all(|(name, of)| larger.get(name) == Some(of))
            );
            larger = thinned;
        }
        assert_ne!(
            with_share(&split, &sites, 0.3, 3),
            with_share(&split, &sites, 0.3, 4)
        );
    }
}
