//! Prints the statistics of a small twin beside the range that each should have.

use std::time::Instant;

use ndarray::Array2;
use rayon::prelude::*;
use vadose_grid::{EaseGrid2, Window};
use vadose_twin::weather::RainView;
use vadose_twin::{Landscape, NatureConfig, WeatherConfig};

/// 1 June 2017, 00 UTC.
const JUNE: i64 = 415_704;

fn quantiles(mut values: Vec<f32>) -> Vec<f32> {
    values.retain(|v| v.is_finite());
    values.sort_by(f32::total_cmp);
    [0.0, 0.02, 0.05, 0.25, 0.5, 0.75, 0.95, 0.98, 1.0]
        .map(|q| values[((values.len() - 1) as f64 * q) as usize])
        .to_vec()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).map_or(Ok(42), |s| s.parse())?;
    let row0: usize = std::env::args().nth(2).map_or(Ok(2493), |s| s.parse())?;
    let col0: usize = std::env::args().nth(3).map_or(Ok(6750), |s| s.parse())?;
    let size: usize = std::env::args().nth(4).map_or(Ok(513), |s| s.parse())?;
    let window = Window::new(EaseGrid2::M01, row0, col0, size, size)?;
    let clock = Instant::now();
    let landscape = Landscape::new(seed);
    let layers = landscape.layers(&window)?;
    let n = layers.elevation_m.len() as f64;
    println!(
        "landscape {:.2} s, {:.0} ns/cell",
        clock.elapsed().as_secs_f64(),
        clock.elapsed().as_nanos() as f64 / n
    );
    let show = |name: &str, a: &Array2<f32>| {
        println!("{name:16} {:?}", quantiles(a.iter().copied().collect()))
    };
    show("elevation", &layers.elevation_m);
    show("wetness index", &layers.wetness_index);
    show("clay", &layers.clay_fraction);
    show("sand", &layers.sand_fraction);
    show("bulk density", &layers.bulk_density_g_cm3);
    show("water", &layers.water_fraction);
    show("ndvi max", &layers.ndvi_max);
    let mut shares = [0.0; 17];
    layers
        .land_cover
        .iter()
        .for_each(|&c| shares[usize::from(c)] += 100.0 / n);
    println!(
        "classes % {:?}",
        shares.map(|s: f64| (s * 10.0).round() / 10.0)
    );
    let weather = WeatherConfig::default().build(seed)?;
    show(
        "june rain clim",
        &weather.mean_june_rain_mm(&vadose_twin::Positions::of_window(&window)?),
    );

    let nature = NatureConfig::default().build()?;
    let tiles: Vec<Window> = (0..size)
        .step_by(171)
        .flat_map(|r| (0..size).step_by(171).map(move |c| (r, c)))
        .map(|(r, c)| {
            Window::new(
                EaseGrid2::M01,
                row0 + r,
                col0 + c,
                171.min(size - r),
                171.min(size - c),
            )
            .unwrap()
        })
        .collect();
    let days = 30;
    let clock = Instant::now();
    let results: Vec<_> = tiles
        .par_iter()
        .map(|tile| {
            let clock = Instant::now();
            let layers = landscape.layers(tile).unwrap();
            let lay = clock.elapsed();
            let mut total = Array2::<f32>::zeros(tile.shape());
            let mut wet = 0_usize;
            let mut maps = Vec::new();
            let mut series: Vec<Vec<f32>> = vec![Vec::new(); 25];
            nature
                .run(
                    &layers,
                    &weather,
                    &RainView::Truth,
                    JUNE..JUNE + 24 * days,
                    |h| {
                        total += &h.rain_mm;
                        wet += h.rain_mm.iter().filter(|&&r| r > 0.1).count();
                        if h.hour % 24 == 13 {
                            maps.push(h.moisture.to_owned());
                        }
                        for (k, s) in series.iter_mut().enumerate() {
                            s.push(h.moisture[[(k / 5) * 30, (k % 5) * 30]]);
                        }
                    },
                )
                .unwrap();
            (clock.elapsed() - lay, total, wet, maps, series)
        })
        .collect();
    let cell_hours = n * (days as f64 + 25.0) * 24.0;
    let busy: f64 = results.iter().map(|r| r.0.as_nanos() as f64).sum();
    println!(
        "nature {:.2} s, {:.2} ns per cell-hour and core",
        clock.elapsed().as_secs_f64(),
        busy / cell_hours
    );
    println!(
        "june rain {:?}",
        quantiles(results.iter().flat_map(|r| r.1.iter().copied()).collect())
    );
    println!(
        "wet hours {:.4}",
        results.iter().map(|r| r.2).sum::<usize>() as f64 / (n * days as f64 * 24.0)
    );
    println!(
        "moisture  {:?}",
        quantiles(
            results
                .iter()
                .flat_map(|r| r.3.iter().flat_map(|m| m.iter().copied()))
                .collect()
        )
    );
    // Spatial spread below 9 km and temporal deviation.
    let (mut fold, mut sds) = (Vec::new(), Vec::new());
    for s in results.iter().flat_map(|r| &r.4) {
        let daily: Vec<f64> = s
            .chunks(24)
            .map(|c| c.iter().map(|&v| f64::from(v)).sum::<f64>() / 24.0)
            .collect();
        let mean = daily.iter().sum::<f64>() / daily.len() as f64;
        let x: Vec<f64> = daily.iter().map(|v| v - mean).collect();
        let var = x.iter().map(|v| v * v).sum::<f64>() / x.len() as f64;
        sds.push(var.sqrt() as f32);
        if var.sqrt() < 0.005 {
            continue;
        }
        let ac: Vec<f64> = (0..20)
            .map(|k| {
                (0..x.len() - k).map(|i| x[i] * x[i + k]).sum::<f64>() / (x.len() - k) as f64 / var
            })
            .collect();
        let e = (-1.0_f64).exp();
        fold.push(ac.iter().position(|&a| a < e).map_or(20.0, |i| {
            (i - 1) as f64 + (ac[i - 1] - e) / (ac[i - 1] - ac[i])
        }) as f32);
    }
    println!("june e-fold days {:?}", quantiles(fold));
    println!("temporal sd {:?}", quantiles(sds));
    Ok(())
}
