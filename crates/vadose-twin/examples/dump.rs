//! dump
use ndarray::Array2;
use std::io::Write;
use vadose_grid::{EaseGrid2, Window};
use vadose_twin::weather::RainView;
use vadose_twin::*;
fn put(name: &str, a: &Array2<f32>) {
    let mut f = std::fs::File::create(format!("/tmp/tn/{name}.f32")).unwrap();
    for v in a {
        f.write_all(&v.to_le_bytes()).unwrap();
    }
}
fn main() {
    let a: Vec<usize> = std::env::args()
        .skip(1)
        .map(|s| s.parse().unwrap())
        .collect();
    let w = Window::new(EaseGrid2::M01, a[1], a[2], a[3], a[4]).unwrap();
    let c = std::time::Instant::now();
    let l = Landscape::new(a[0] as u64).layers(&w).unwrap();
    println!("layers {:?}", c.elapsed());
    put("elev", &l.elevation_m);
    put("wi", &l.wetness_index);
    put("clay", &l.clay_fraction);
    put("sand", &l.sand_fraction);
    put("bd", &l.bulk_density_g_cm3);
    put("water", &l.water_fraction);
    put("cover", &l.land_cover.mapv(f32::from));
    put("ndvi", &l.ndvi_max);
    let weather = WeatherConfig::default().build(a[0] as u64).unwrap();
    put(
        "clim",
        &weather.mean_june_rain_mm(&Positions::of_window(&w).unwrap()),
    );
    let mut f = weather.rain_field(Positions::of_window(&w).unwrap(), RainView::Truth);
    let mut rain = Array2::zeros(w.shape());
    let mut tot = Array2::<f32>::zeros(w.shape());
    let mut wet = Array2::<f32>::zeros(w.shape());
    if a[5] > 0 {
        for h in 415_704..415_704 + a[5] as i64 * 24 {
            f.fill(h as f64, h as f64 + 1.0, &mut rain);
            tot += &rain;
            wet += &rain.mapv(|r| if r > 0.2 { 1.0 } else { 0.0 });
            if h == 415_704 + 9 * 24 + 22 {
                put("rain", &rain);
            }
        }
        put("tot", &tot);
        put("wet", &wet);
    }
    println!("{:?}", c.elapsed());
}
