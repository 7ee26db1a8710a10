//! A cube of the fake layers, cell by cell.

use jiff::ToSpan;
use jiff::civil::date;
use vadose_grid::EaseGrid2;

use super::*;
use crate::build::fake::{STATION, Workshop, value};
use crate::{Period, Source, Strictness, variables};

fn window(row0: usize, col0: usize, rows: usize, cols: usize) -> Window {
    Window::new(EaseGrid2::M01, row0, col0, rows, cols).unwrap()
}

fn built(workshop: &Workshop) -> Cube {
    let build = workshop.build("cube");
    build.run(Strictness::SkipAndReport, &mut ()).unwrap();
    Cube::open(workshop.cube("cube")).unwrap()
}

#[test]
fn every_value_of_every_variable_comes_back_at_its_place() {
    let workshop = Workshop::new();
    let cube = built(&workshop);
    let window = *cube.window();
    let dates: Vec<_> = cube.days().iter().map(|day| day.date).collect();
    assert_eq!(dates, [date(2017, 6, 1), date(2017, 6, 2)]);
    let mut n_compared = 0;
    for source in [Source::Static].into_iter().chain(Source::DAILY) {
        for variable in variables(source) {
            for day_idx in 0..2 {
                let number = match source {
                    Source::Static => 0.25,
                    _ => day_idx as f32 + 1.0,
                };
                let part = match variable.axes {
                    Axes::DailyCoarseMap => coarsened(&window).unwrap(),
                    Axes::Map | Axes::DailyMap | Axes::LeadMap => window,
                };
                let map = cube.map(variable.name, day_idx, &part).unwrap();
                for ((row, col), &found) in map.indexed_iter() {
                    let cell = [part.row0() + row, part.col0() + col];
                    let expected = value(variable, number, cell);
                    let is_same = found == expected || (found.is_nan() && expected.is_nan());
                    assert!(is_same, "{} {row} {col}", variable.name);
                    n_compared += 1;
                }
            }
        }
    }
    assert_eq!(n_compared, 2 * (16 * 18 * 27 + 5 * 2 * 3));
}

#[test]
fn a_scene_has_the_channels_masks_coarse_target_and_stations_of_its_part() {
    let workshop = Workshop::new();
    let cube = built(&workshop);
    // Across blocks, and off the edges of 9 km cells.
    let part = window(STATION.row - 3, cube.window().col0() + 2, 9, 23);
    let scene = cube.scene(1, &part).unwrap();
    assert_eq!(scene.window(), &part);
    assert_eq!(scene.time(), Some(cube.days()[1].time));
    let channels = ChannelSet::preset("paper").unwrap();
    for channel in &channels {
        let found = scene.field(&channel.name).unwrap();
        let expected = cube.map(&channel.name, 1, &part).unwrap();
        assert!(
            found
                .iter()
                .zip(&expected)
                .all(|(a, b)| a == b || (a.is_nan() && b.is_nan())),
            "{}",
            channel.name
        );
        assert_eq!(scene.field_units(&channel.name), Some(&*channel.units));
    }
    let land = cube.map("land", 1, &part).unwrap();
    let (tb_h, tb_v) = (scene.field("tb_h").unwrap(), scene.field("tb_v").unwrap());
    for (cell, &predictable) in scene.predictable().indexed_iter() {
        assert_eq!(scene.land()[cell], land[cell] == 1.0);
        let expected = scene.land()[cell] && tb_h[cell].is_finite() && tb_v[cell].is_finite();
        assert_eq!(predictable, expected);
    }
    assert!(scene.predictable().iter().any(|&predictable| predictable));
    assert!(scene.predictable() != scene.land());
    let target = scene.coarse_target().unwrap();
    assert_eq!(target.window, part.coarsened(EaseGrid2::M09).unwrap());
    let stations = scene.stations();
    assert_eq!((stations.len(), stations[0].cell), (1, STATION));
    assert_eq!(stations[0].value_m3m3, 0.25);
    let elsewhere = window(cube.window().row0(), cube.window().col0(), 9, 9);
    assert!(cube.scene(1, &elsewhere).unwrap().stations().is_empty());
}

#[test]
fn what_a_cube_does_not_have_is_refused() {
    let workshop = Workshop::new();
    let cube = built(&workshop);
    let part = window(cube.window().row0(), cube.window().col0(), 9, 9);
    let beyond = window(cube.window().row0() - 9, cube.window().col0(), 18, 9);
    let other_grid = part.coarsened(EaseGrid2::M09).unwrap();
    for refused in [
        cube.map("tb_w", 0, &part),
        cube.map("tb_v", 2, &part),
        cube.map("antecedent_precipitation", 1, &part),
        cube.map("tb_v", 0, &beyond),
        cube.map("tb_v", 0, &other_grid),
        cube.map("l4_soil_moisture", 0, &part),
    ] {
        assert!(matches!(refused, Err(CubeError::Outside { .. })));
    }
    assert!(cube.map("l4_soil_moisture", 0, &other_grid).is_ok());
    assert!(cube.scene(2, &part).is_err());
    assert!(Cube::open(workshop.cube("none")).is_err());
}

#[test]
fn coverage_is_what_the_maps_hold() {
    let workshop = Workshop::new();
    let cube = built(&workshop);
    let record = cube.record().unwrap();
    for coverage in &record.coverage {
        let name = coverage.variable.as_str();
        let variable = all_variables().find(|one| one.name == name).unwrap();
        let part = match variable.axes {
            Axes::DailyCoarseMap => coarsened(cube.window()).unwrap(),
            Axes::Map | Axes::DailyMap | Axes::LeadMap => *cube.window(),
        };
        let (mut n_valid, mut n) = (0, 0);
        let is_mask = ["land", "observed"].contains(&name);
        let n_days = variable.axes.n_maps(2, 1);
        for day_idx in 0..n_days {
            for value in cube.map(name, day_idx, &part).unwrap() {
                n += 1;
                n_valid += usize::from(if is_mask {
                    value == 1.0
                } else {
                    !value.is_nan()
                });
            }
        }
        let share = n_valid as f64 / n as f64;
        assert!((coverage.share - share).abs() < 1e-12, "{name}");
        assert_eq!(coverage.days, n_days as u64, "{name}");
    }
    assert_eq!(record.stations.unwrap().observations, 2);
    assert_eq!(record.provenance.inputs.len(), 11);
}

#[test]
fn a_scene_of_preset_context_has_what_fell_before_and_the_analysis_at_1_km() {
    let mut workshop = Workshop::new();
    workshop.set_days(4);
    for day in 3..=4 {
        workshop.put_day(date(2017, 6, day));
    }
    let cube = built(&workshop);
    let channels = ChannelSet::preset("context").unwrap();
    let whole = *cube.window();
    let part = window(whole.row0() + 2, whole.col0() + 5, 11, 16);
    let scene = |day_idx, part| cube.scene_with(&channels, day_idx, part).unwrap();

    let of_day = |day_idx| cube.map("precipitation", day_idx, &part).unwrap();
    let expected = of_day(1) + of_day(2) + of_day(3);
    let scene_of_4 = scene(3, &part);
    let found = scene_of_4.field("precipitation_3d").unwrap();
    assert!(
        found
            .iter()
            .zip(&expected)
            .all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
    );
    assert!(found.iter().any(|sum| sum.is_finite()) && found.iter().any(|sum| sum.is_nan()));
    // The cube lacks the day before its lead day.
    for (day_idx, field) in [
        (0, "precipitation_3d"),
        (3, "precipitation_7d"),
        (3, "precipitation_30d"),
    ] {
        let scene = scene(day_idx, &part);
        assert!(scene.field(field).unwrap().iter().all(|sum| sum.is_nan()));
    }

    // Cut out of the whole window, or made for the part: the same soil moisture.
    let with_guess = ChannelSet::preset("residual").unwrap();
    let residual = |part| cube.scene_with(&with_guess, 3, part).unwrap();
    for (name, of_whole, of_part) in [
        ("l4_soil_moisture", scene(3, &whole), scene_of_4.clone()),
        (
            "spl2smp_e_soil_moisture_scav",
            residual(&whole),
            residual(&part),
        ),
    ] {
        let (of_whole, of_part) = (of_whole.field(name).unwrap(), of_part.field(name).unwrap());
        assert!(of_part.iter().any(|value| value.is_finite()), "{name}");
        for ((row, col), found) in of_part.indexed_iter() {
            let expected = of_whole[[row + 2, col + 5]];
            assert!(*found == expected || (found.is_nan() && expected.is_nan()));
        }
    }
    for channel in &channels {
        assert_eq!(
            scene_of_4.field_units(&channel.name),
            Some(channel.units.as_str())
        );
    }
    assert!(
        cube.scene(3, &part)
            .unwrap()
            .field("precipitation_3d")
            .is_none()
    );
}

#[test]
fn sums_over_the_start_of_a_period_are_of_its_days_and_its_lead_days() {
    let mut workshop = Workshop::new();
    let period = |month| Period {
        first: date(2017, month, 1),
        last: date(2017, month, 2),
        every: 1,
    };
    workshop.config.periods = vec![period(6), period(9)];
    workshop.config.lead_days = 29;
    for first in [date(2017, 6, 1), date(2017, 9, 1)] {
        workshop.put_day(first);
        workshop.put_day(first.tomorrow().unwrap());
        for lead_day in first.series((-1).days()).skip(1).take(29) {
            workshop.put_lead_day(lead_day);
        }
    }
    let cube = built(&workshop);
    assert_eq!((cube.days().len(), cube.lead_days().len()), (4, 2 * 29));
    let channels = ChannelSet::preset("context").unwrap();
    let window = *cube.window();
    for (day_idx, name, lead_days) in [
        (0, "precipitation_30d", 3..=31), // of May
        (3, "precipitation_30d", 4..=31), // of August
        (3, "precipitation_3d", 31..=31),
    ] {
        let days = 1..=if day_idx == 3 { 2 } else { 1 };
        let n_days = days.clone().count() + lead_days.clone().count();
        assert!(name.ends_with(&format!("_{n_days}d")), "{name}");
        let scene = cube.scene_with(&channels, day_idx, &window).unwrap();
        let sums = scene.field(name).unwrap();
        for ((row, col), &found) in sums.indexed_iter() {
            let cell = [window.row0() + row, window.col0() + col];
            let of = |name, day: i32| value(named(name).unwrap(), day as f32, cell);
            let of_days = days.clone().map(|day| of("precipitation", day));
            let before = lead_days.clone();
            let before = before.map(|day| of("antecedent_precipitation", day));
            let expected: f32 = of_days.chain(before).sum();
            let same = (found - expected).abs() < 1e-2 || (found.is_nan() && expected.is_nan());
            assert!(same, "{name} {row} {col}: {found}, not {expected}");
        }
        assert!(sums.iter().any(|sum| sum.is_finite()));
    }
}
