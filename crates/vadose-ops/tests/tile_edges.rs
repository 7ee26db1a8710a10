//! How far D of a tile may differ from D of the whole map, coarse cell by coarse cell.
#![allow(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

use ndarray::{Array2, s};
use vadose_ops::{CoarseConfig, CoarseOperator};

/// Share of the kernel's weight that lies outside the tile, averaged over the 81 cells of a coarse
/// cell at an edge. With the Gaussian of 9 cells a cell `i` rows from the edge misses
/// `Σ_{t > i} k_t`; the mean of that over `i = 0..9` is 0.168. The tile replaces what lies outside
/// by what lies inside, so D differs by no more than this share of the map's range.
const MAX_EDGE_SHARE: f32 = 0.17;

/// The same in a corner, where both directions lose: `1 - (1 - 0.168)^2 = 0.307`.
const MAX_CORNER_SHARE: f32 = 0.31;

/// The same in the second ring, where only the kernel's tail beyond 9 cells falls outside: 0.0009
/// of the weight at an edge, 0.0019 in a corner.
const MAX_SECOND_RING_SHARE: f32 = 0.002;

/// Coarse cells from the edge whose filter, 12 cells wide, ends inside: none of the outer two rings.
const FIRST_EQUAL_RING: usize = 2;

const MAP: usize = 540;
const TILE: usize = 252; // the whole coarse cells of a 256 tile
const ORIGIN: usize = 144;

/// The tile's share of difference by ring, for a map of values between 0 and 1.
fn check(map: &Array2<f32>, mask: &Array2<f32>) -> [f32; 3] {
    let config = CoarseConfig::default();
    let whole = CoarseOperator::new(mask.view(), &config)
        .unwrap()
        .apply(map.view())
        .unwrap();
    let cut = s![ORIGIN..ORIGIN + TILE, ORIGIN..ORIGIN + TILE];
    let tile = CoarseOperator::new(mask.slice(cut), &config)
        .unwrap()
        .apply(map.slice(cut))
        .unwrap();
    let (first, last) = (ORIGIN / 9, TILE / 9 - 1);
    let (mut corner, mut edge, mut second) = (0.0_f32, 0.0_f32, 0.0_f32);
    for ((row, col), &value) in tile.indexed_iter() {
        let expected = whole[[first + row, first + col]];
        let ring = |index: usize| index.min(last - index);
        let difference = (value - expected).abs();
        match (ring(row).min(ring(col)), ring(row).max(ring(col))) {
            (0, 0) => corner = corner.max(difference),
            (0, _) => edge = edge.max(difference),
            (1, _) => second = second.max(difference),
            (FIRST_EQUAL_RING.., _) => {
                assert_eq!(value.to_bits(), expected.to_bits(), "[{row}, {col}]");
            }
        }
    }
    [corner, edge, second]
}

#[test]
fn tile_differs_from_the_map_only_in_its_outer_two_rings_and_within_the_bound() {
    // The worst map: 0 inside the tile and 1 outside, so that all the missing weight shows.
    let inside = ORIGIN..ORIGIN + TILE;
    let outside = |(row, col): (usize, usize)| !(inside.contains(&row) && inside.contains(&col));
    let step = Array2::from_shape_fn((MAP, MAP), |cell| f32::from(u8::from(outside(cell))));
    let [corner, edge, second] = check(&step, &Array2::ones((MAP, MAP)));
    assert!(corner <= MAX_CORNER_SHARE, "{corner}");
    assert!(edge <= MAX_EDGE_SHARE, "{edge}");
    assert!(second <= MAX_SECOND_RING_SHARE, "{second}");
    // The bounds are tight: this map reaches them but for their last digit.
    assert!(corner > 0.97 * MAX_CORNER_SHARE && edge > 0.97 * MAX_EDGE_SHARE);
}

#[test]
fn smooth_map_differs_much_less() {
    // 0.2 m3 m-3 over 400 km, a strong regional gradient.
    let ramp = Array2::from_shape_fn((MAP, MAP), |(row, col)| {
        0.1 + 0.0005 * (row + col) as f32 * 0.5
    });
    let [corner, edge, second] = check(&ramp, &Array2::ones((MAP, MAP)));
    // m3 m-3; a twentieth of the mission's 0.04.
    assert!(
        corner.max(edge).max(second) < 0.002,
        "{corner} {edge} {second}"
    );
}
