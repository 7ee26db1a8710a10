//! Times the parts of the nature run on one thread.
use ndarray::Array2;
use std::time::Instant;
use vadose_grid::{EaseGrid2, Window};
use vadose_twin::weather::{Level, RainView};
use vadose_twin::{Landscape, NatureConfig, Positions, WeatherConfig};
fn main() {
    let size: usize = std::env::args().nth(1).map_or(171, |s| s.parse().unwrap());
    let w = Window::new(EaseGrid2::M01, 2493, 6750, size, size).unwrap();
    let l = Landscape::new(42).layers(&w).unwrap();
    let weather = WeatherConfig::default().build(42).unwrap();
    let n = (size * size) as f64;
    let days = 20;
    let h0 = 415_704;
    let mut rain = Array2::zeros(w.shape());
    let c = Instant::now();
    let mut f = weather.rain_field(Positions::of_window(&w).unwrap(), RainView::Truth);
    for h in h0..h0 + 24 * days {
        f.fill(h as f64, h as f64 + 1.0, &mut rain);
    }
    println!(
        "rain        {:.2} ns/cell-hour",
        c.elapsed().as_nanos() as f64 / n / (24 * days) as f64
    );
    let c = Instant::now();
    let mut t = weather.temperature(&l).unwrap();
    for h in h0..h0 + days {
        t.day_mean_kelvin(Level::Soil5Cm, h as f64 * 24.0);
    }
    println!(
        "temperature {:.2} ns/cell-hour",
        c.elapsed().as_nanos() as f64 / n / (24 * days) as f64
    );
    let c = Instant::now();
    for h in h0..h0 + days {
        vadose_twin::weather::vegetation::ndvi(&l, h * 24);
    }
    println!(
        "ndvi        {:.2} ns/cell-hour",
        c.elapsed().as_nanos() as f64 / n / (24 * days) as f64
    );
    let nature = NatureConfig {
        spin_up_days: 0,
        ..Default::default()
    }
    .build()
    .unwrap();
    let c = Instant::now();
    nature
        .run(&l, &weather, &RainView::Truth, h0..h0 + 24 * days, |_| ())
        .unwrap();
    println!(
        "all         {:.2} ns/cell-hour",
        c.elapsed().as_nanos() as f64 / n / (24 * days) as f64
    );
}
