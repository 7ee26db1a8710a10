//! The truth on disk is the nature run's.

use ndarray::{ArrayD, Axis, Ix2};
use vadose_io::zarr::Store;
use vadose_twin::nature_run::utc_hours_of_local;
use vadose_twin::weather::RainView;
use vadose_twin::{Landscape, NatureConfig, WeatherConfig};

use crate::{DAYS, REGION, archive, config};

#[test]
fn the_daily_truth_is_the_nature_run_at_six_local_time() {
    let store = Store::open(archive().join("truth.zarr")).unwrap();
    assert!(store.is_finished().unwrap());
    let daily = store.array("soil_moisture").unwrap();
    assert_eq!(daily.shape(), [u64::from(DAYS), 90, 90]);

    let config = config(DAYS);
    let window = REGION.window().unwrap();
    let layers = Landscape::new(config.seed).layers(&window).unwrap();
    let weather = WeatherConfig::default().build(config.seed).unwrap();
    let nature = NatureConfig::default().build().unwrap();
    let hours = config.period.seasons().unwrap()[0].hours();
    let local = utc_hours_of_local(&window, 6.0).unwrap();
    let mut n_compared = 0;
    nature
        .run(&layers, &weather, &RainView::Truth, hours.clone(), |hour| {
            let since = hour.hour + 1 - hours.start;
            let day = (since / 24) as u64;
            let columns: Vec<usize> = (0..90).filter(|&col| local[col] == since % 24).collect();
            if columns.is_empty() {
                return;
            }
            let map: ArrayD<f32> = daily.read(&[day, 0, 0], &[1, 90, 90]).unwrap();
            let map = map.index_axis_move(Axis(0), 0);
            let map = map.into_dimensionality::<Ix2>().unwrap();
            for col in columns {
                assert_eq!(map.column(col), hour.moisture.column(col));
                n_compared += 1;
            }
        })
        .unwrap();
    assert_eq!(n_compared, 90 * usize::from(DAYS));
}

#[test]
fn static_layers_are_those_of_the_landscape() {
    let store = Store::open(archive().join("truth.zarr")).unwrap();
    let layers = Landscape::new(config(DAYS).seed);
    let layers = layers.layers(&REGION.window().unwrap()).unwrap();
    for (name, expected) in [
        ("elevation", &layers.elevation_m),
        ("clay_fraction", &layers.clay_fraction),
        ("water_fraction", &layers.water_fraction),
    ] {
        let stored: ArrayD<f32> = store.array(name).unwrap().read(&[0, 0], &[90, 90]).unwrap();
        assert_eq!(stored, expected.clone().into_dyn(), "{name}");
    }
}
