//! The default features bring every module that needs no C library.

use vadose::grid::{EaseGrid2, LatLonDeg};
use vadose::{metrics, nn, ops, physics, retrieve, scene, train};

#[test]
fn the_parts_are_there_under_their_names() {
    let paper_figure_3 = LatLonDeg {
        lat_deg: 46.766_944_444,
        lon_deg: -100.916_944_444,
    };
    let cell = EaseGrid2::M01.locate(paper_figure_3).unwrap();
    assert_eq!((cell.row, cell.col), (1974, 7623));

    assert_eq!(scene::ChannelSet::preset("paper").unwrap().len(), 13);
    let network = nn::NetworkConfig::preset("paper").unwrap();
    assert_eq!(network.parameter_count().unwrap(), 53_001);
    assert_eq!(ops::CoarseConfig::default().min_valid_cells, 41);
    assert_eq!(train::TrainConfig::default().loss.alpha, 1e-3);
    assert_eq!(retrieve::TilingConfig::default().tile_size, 256);
    assert!((physics::porosity(1.325) - 0.5).abs() < 1e-12);
    assert!((metrics::bias(&[0.2, 0.3], &[0.1, 0.2]).unwrap() - 0.1).abs() < 1e-12);
}
