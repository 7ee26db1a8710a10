//! Figures of an archive: maps, distributions beside real ones, spectrum, a station.

use std::error::Error;
use std::f64::consts::{PI, TAU};
use std::ops::Range;
use std::path::Path;

use ndarray::Array2;
use plotters::coord::Shift;
use plotters::prelude::*;
use vadose_grid::{EaseGrid2, Window};
use vadose_io::{Resolution, spl2smap_s, spl2smp, timestamp_of_j2000_seconds};
use vadose_viz::{ColourMap, ColourRange, Extent, Figure as _, MapImage, MapPanel, MapRow};

use crate::archive::Archive;
use crate::measure::{REAL_RADIOMETER, REAL_SCENE, block_means, decibel, filled, on_land};
use crate::series;

const FOOTNOTE: &str = "A simulation: no value was measured anywhere.";
const TWIN: RGBColor = RGBColor(0, 114, 178);
const REAL: RGBColor = RGBColor(213, 94, 0);
/// A day in the middle of the first June.
const A_DAY: usize = 13;

type Drawing<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

pub(crate) fn draw(archive: &Archive, real: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    const FONT: &[u8] = include_bytes!("../../../vadose-viz/fonts/DejaVuSans.ttf");
    for style in [FontStyle::Normal, FontStyle::Bold] {
        plotters::style::register_font("sans-serif", style, FONT).map_err(|_| "the font")?;
    }
    std::fs::create_dir_all(folder)?;
    maps(archive, &folder.join("twin_maps.png"))?;
    distributions(archive, real, &folder.join("twin_distributions.png"))?;
    spectrum(archive, &folder.join("twin_spectrum.png"))?;
    station(archive, &folder.join("twin_station.png"))
}

/// A scene or half orbit with many values, with its maps laid on the archive's window.
fn maps(archive: &Archive, path: &Path) -> Result<(), Box<dyn Error>> {
    let window = &archive.window;
    let mut best: Option<spl2smap_s::Spl2SmapS> = None;
    for file in archive.granules("smap/SPL2SMAP_S")? {
        let scene = spl2smap_s::read(file, Resolution::Km1)?;
        let valid = |scene: &spl2smap_s::Spl2SmapS| scene.fields["soil_moisture"].counts.valid;
        if best.as_ref().is_none_or(|now| valid(&scene) > valid(now)) {
            best = Some(scene);
        }
    }
    let scene = best.ok_or("no scene")?;
    let time = scene.time().ok_or("a scene without a time")?;
    let day = archive.day_near(time).ok_or("a scene of no day")?;
    let coarse = window.coarsened(EaseGrid2::M09)?;
    let [mut tb, mut retrieved] = [(); 2].map(|()| Array2::from_elem(coarse.shape(), f32::NAN));
    for file in archive.granules("smap/SPL2SMP_E")? {
        let granule = spl2smp::read(file)?;
        let seconds = granule.time_seconds.as_ref().ok_or("no times")?;
        let first = seconds.first().ok_or("an empty half orbit")?;
        if archive.day_near(timestamp_of_j2000_seconds(*first)?) != Some(day) {
            continue;
        }
        for (idx, &cell) in granule.cells.iter().enumerate() {
            let at = coarse.offset_of(cell).ok_or("a cell outside")?;
            tb[at] = granule.fields["tb_v_corrected"].values[idx];
            retrieved[at] = granule.fields["soil_moisture"].values[idx];
        }
    }
    let laid = |name: &str| -> Array2<f32> {
        let mut map = Array2::from_elem(window.shape(), f32::NAN);
        let inner: Window = scene.window();
        for ((row, col), &value) in scene.fields[name].values.indexed_iter() {
            let cell = inner
                .cell_at(row, col)
                .and_then(|cell| window.offset_of(cell));
            if let Some(at) = cell {
                map[at] = value;
            }
        }
        map
    };
    let sigma0 = laid("sigma0_vv_aggregated").mapv(|v| 10.0 * v.log10());
    let fine = laid("soil_moisture");
    let truth = archive.truth(day)?;
    let coarse_truth = block_means(truth.view());
    let cover = archive.land_cover()?.mapv(f32::from);
    let elevation = archive.layer("elevation")?;
    let plain = |title: &str, values, units: &str| MapImage {
        colour_map: ColourMap::Magma,
        ..MapImage::new(title, values, units)
    };
    let moisture = |title: &str, values| MapImage {
        range: Some((0.02, 0.42)),
        ..MapImage::new(title, values, "m³ m⁻³")
    };
    let row = |left, right| MapRow {
        left,
        right,
        colour_range: ColourRange::Own,
    };
    let rows = vec![
        row(
            plain("Elevation", elevation.view(), "m"),
            plain("Land cover (IGBP class)", cover.view(), "class"),
        ),
        row(
            plain("SMAP brightness temperature V, 9 km", tb.view(), "K"),
            plain("Sentinel-1 sigma0 VV, 1 km", sigma0.view(), "dB"),
        ),
        row(
            moisture("True soil moisture, 1 km", truth.view()),
            moisture("SPL2SMAP_S soil moisture, 1 km", fine.view()),
        ),
        row(
            moisture("True soil moisture, 9 km", coarse_truth.view()),
            moisture("SPL2SMP_E soil moisture, 9 km", retrieved.view()),
        ),
    ];
    let (origin, size) = (window.origin_m(), window.grid().cell_size_m());
    let extent = Extent::ProjectedM {
        west: origin.x_m,
        east: origin.x_m + size * window.cols() as f64,
        south: origin.y_m - size * window.rows() as f64,
        north: origin.y_m,
    };
    let panel = MapPanel {
        title: format!("The twin, {}", time.strftime("%d %B %Y")),
        footnote: FOOTNOTE.to_owned(),
        width_px: 1300,
        ..MapPanel::new(rows, extent)
    };
    Ok(panel.write(path)?)
}

/// Values of one dataset of many granules of SPL2SMP or SPL2SMP_E.
fn at_9_km(paths: &[impl AsRef<Path>], name: &str) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut values = Vec::new();
    for path in paths {
        let granule = spl2smp::read(path)?;
        values.extend(on_land(&granule, name)?);
    }
    values.retain(|value| value.is_finite());
    Ok(values)
}

/// The same of SPL2SMAP_S at 1 km, in dB for sigma0.
fn at_1_km(paths: &[impl AsRef<Path>], name: &str) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut values = Vec::new();
    for path in paths {
        let granule = spl2smap_s::read(path, Resolution::Km1)?;
        values.extend(
            granule
                .require_field(name)?
                .values
                .iter()
                .map(|&v| f64::from(v)),
        );
    }
    if name.starts_with("sigma0_v") {
        values.iter_mut().for_each(|value| *value = decibel(*value));
    }
    values.retain(|value| value.is_finite());
    Ok(values)
}

fn distributions(archive: &Archive, real: &Path, path: &Path) -> Result<(), Box<dyn Error>> {
    let (orbits, scenes) = (
        archive.granules("smap/SPL2SMP_E")?,
        archive.granules("smap/SPL2SMAP_S")?,
    );
    let (real_orbit, real_scene) = ([real.join(REAL_RADIOMETER)], [real.join(REAL_SCENE)]);
    let truth = archive.truth(A_DAY)?;
    let truth = truth
        .iter()
        .filter(|v| v.is_finite())
        .map(|&v| f64::from(v));
    let area = BitMapBackend::new(path, (1200, 900)).into_drawing_area();
    area.fill(&WHITE)?;
    let panels = area.split_evenly((2, 2));
    let moisture = "soil_moisture";
    let both = |name: &str| -> Result<[Vec<f64>; 2], Box<dyn Error>> {
        Ok([at_9_km(&orbits, name)?, at_9_km(&real_orbit, name)?])
    };
    let [tb, tb_real] = both("tb_v_corrected")?;
    histogram(
        &panels[0],
        "TB V, K",
        190.0..300.0,
        &[("twin", &tb), ("real", &tb_real)],
    )?;
    let [retrieved, retrieved_real] = both(moisture)?;
    let truth: Vec<f64> = truth.collect();
    histogram(
        &panels[1],
        "soil moisture, m³ m⁻³",
        0.0..0.6,
        &[
            ("twin, SPL2SMP_E", &retrieved),
            ("real, SPL2SMP", &retrieved_real),
            ("twin, truth", &truth),
        ],
    )?;
    for (panel, name, title, range) in [
        (
            &panels[2],
            "sigma0_vv_aggregated",
            "sigma0 VV, dB",
            -22.0..-2.0,
        ),
        (
            &panels[3],
            "sigma0_vh_aggregated",
            "sigma0 VH, dB",
            -30.0..-8.0,
        ),
    ] {
        let (twin, real) = (at_1_km(&scenes, name)?, at_1_km(&real_scene, name)?);
        histogram(panel, title, range, &[("twin", &twin), ("real", &real)])?;
    }
    Ok(area.present()?)
}

/// Shares per bin of several sets of values.
fn histogram(
    area: &Drawing<'_>,
    title: &str,
    range: Range<f64>,
    sets: &[(&str, &Vec<f64>)],
) -> Result<(), Box<dyn Error>> {
    const BINS: usize = 50;
    let width = (range.end - range.start) / BINS as f64;
    let lines: Vec<Vec<(f64, f64)>> = sets
        .iter()
        .map(|(_, values)| {
            let mut shares = [0.0; BINS];
            for value in values.iter() {
                let bin = ((value - range.start) / width).floor();
                if (0.0..BINS as f64).contains(&bin) {
                    shares[bin as usize] += 1.0 / values.len() as f64;
                }
            }
            let middle = |bin: usize| range.start + (bin as f64 + 0.5) * width;
            shares
                .iter()
                .enumerate()
                .map(|(bin, &s)| (middle(bin), s))
                .collect()
        })
        .collect();
    let top = lines
        .iter()
        .flatten()
        .fold(0.0_f64, |top, point| top.max(point.1));
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(range, 0.0..1.1 * top)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc(title)
        .y_desc("share")
        .label_style(("sans-serif", 16))
        .draw()?;
    for ((line, (name, _)), colour) in lines.into_iter().zip(sets).zip([TWIN, REAL, BLACK]) {
        chart
            .draw_series(LineSeries::new(line, colour.stroke_width(2)))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .label_font(("sans-serif", 16))
        .draw()?;
    Ok(())
}

fn spectrum(archive: &Archive, path: &Path) -> Result<(), Box<dyn Error>> {
    let area = BitMapBackend::new(path, (800, 600)).into_drawing_area();
    area.fill(&WHITE)?;
    let truth = power(&filled(&archive.truth(A_DAY)?));
    let elevation = power(&filled(&archive.layer("elevation")?));
    // Both start at 1, so that the slopes can be compared.
    let scaled = |line: &[(f64, f64)]| -> Vec<(f64, f64)> {
        let first = line[0].1;
        line.iter()
            .map(|&(km, power)| (km, power / first))
            .collect()
    };
    let mut chart = ChartBuilder::on(&area)
        .margin(15)
        .x_label_area_size(45)
        .y_label_area_size(80)
        .build_cartesian_2d((2.0..300.0).log_scale(), (1e-6..10.0).log_scale())?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("wavelength, km")
        .y_desc("power, relative")
        .label_style(("sans-serif", 16))
        .draw()?;
    let guide = scaled(&truth)
        .into_iter()
        .map(|(km, _)| (km, (km / truth[0].0).powi(2)));
    for (name, line, colour) in [
        ("soil moisture", scaled(&truth), TWIN),
        ("elevation", scaled(&elevation), REAL),
        ("slope -2", guide.collect(), BLACK),
    ] {
        chart
            .draw_series(LineSeries::new(line, colour.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .label_font(("sans-serif", 16))
        .draw()?;
    Ok(area.present()?)
}

/// Wavelength in cells and mean power along rows, Hann window, by half octaves.
fn power(map: &Array2<f32>) -> Vec<(f64, f64)> {
    let n = map.ncols();
    let at = |k: usize| {
        let powers = map.rows().into_iter().step_by(8).map(|row| {
            let mean = series::mean(row.iter().map(|&v| f64::from(v)));
            let (mut re, mut im) = (0.0, 0.0);
            for (idx, &value) in row.iter().enumerate() {
                let taper = 0.5 - 0.5 * (TAU * idx as f64 / n as f64).cos();
                let value = (f64::from(value) - mean) * taper;
                let (sin, cos) = (2.0 * PI * (k * idx % n) as f64 / n as f64).sin_cos();
                re += value * cos;
                im += value * sin;
            }
            re * re + im * im
        });
        series::mean(powers)
    };
    let mut points = Vec::new();
    let mut first = 2;
    while first < n / 2 {
        let last = (first * 3 / 2).clamp(first + 1, n / 2);
        let middle = (first + last - 1) as f64 / 2.0;
        points.push((n as f64 / middle, series::mean((first..last).map(at))));
        first = last;
    }
    points
}

/// The first June of the station that varies most: truth, report, half orbits.
fn station(archive: &Archive, path: &Path) -> Result<(), Box<dyn Error>> {
    let truth = archive.truth_at_stations()?;
    let hours = 24 * usize::from(archive.record.configuration.period.days);
    let varies = |row: usize| {
        let values = truth.values.row(row);
        series::deviation(values.iter().take(hours).map(|&v| f64::from(v)))
    };
    let most = (0..truth.names.len()).max_by(|&a, &b| varies(a).total_cmp(&varies(b)));
    let row = most.ok_or("no station")?;
    let name = &truth.names[row];
    let station = archive
        .stations
        .iter()
        .find(|s| s.name == *name)
        .ok_or("no series")?;
    let begin = truth.hours[0].as_second() as f64;
    let day_of = |time: jiff::Timestamp| (time.as_second() as f64 - begin) / 86_400.0;
    let days = 0.0..hours as f64 / 24.0;
    let true_line = truth.hours.iter().take(hours).zip(truth.values.row(row));
    let true_line = true_line.map(|(&hour, &value)| (day_of(hour), f64::from(value)));
    let reported = station
        .good()
        .map(|(time, value)| (day_of(time), f64::from(value)));
    let reported: Vec<_> = reported.filter(|(day, _)| days.contains(day)).collect();
    let mut retrieved = Vec::new();
    for file in archive.granules("smap/SPL2SMP_E")? {
        let granule = spl2smp::read(file)?;
        let cell = [station.cell.row / 9, station.cell.col / 9];
        let seen = granule.cells.iter().position(|c| [c.row, c.col] == cell);
        if let (Some(idx), Some(seconds)) = (seen, &granule.time_seconds) {
            let day = day_of(timestamp_of_j2000_seconds(seconds[idx])?);
            let value = granule.fields["soil_moisture"].values[idx];
            if days.contains(&day) && value.is_finite() {
                retrieved.push((day, f64::from(value)));
            }
        }
    }
    let area = BitMapBackend::new(path, (1200, 450)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(15)
        .x_label_area_size(45)
        .y_label_area_size(70)
        .build_cartesian_2d(days, 0.0..0.5)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc("day of June")
        .y_desc("soil moisture, m³ m⁻³")
        .label_style(("sans-serif", 16))
        .draw()?;
    for (label, line, colour) in [
        (
            "truth of the 1 km cell",
            true_line.collect::<Vec<_>>(),
            BLACK,
        ),
        ("station", reported, TWIN),
    ] {
        chart
            .draw_series(LineSeries::new(line, colour.stroke_width(2)))?
            .label(label)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    let points = retrieved
        .into_iter()
        .map(|at| Circle::new(at, 5, REAL.filled()));
    chart
        .draw_series(points)?
        .label("SPL2SMP_E, 9 km")
        .legend(|(x, y)| Circle::new((x + 9, y), 5, REAL.filled()));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(("sans-serif", 16))
        .draw()?;
    Ok(area.present()?)
}
