//! NASA's own granules: counts, positions, units and times.
#![cfg(feature = "hdf5")]
#![allow(clippy::unwrap_used, reason = "a set-up that fails is a failed test")]

mod synthetic_granule;

use synthetic_granule::{RADIOMETER_GRANULE, SENTINEL_GRANULE, real};
use vadose_grid::{Cell, EaseGrid2, Window};
use vadose_io::flags::SentinelSurfaceFlag;
use vadose_io::spl2smp::OrbitGroup;
use vadose_io::{
    Counts, Extent, Inspection, OutOfRange, Product, Resolution, Spl2SmapS, identify, inspect,
    spl2smap_s, spl2smp, timestamp_of_j2000_seconds,
};

/// Half a unit in the last place of the files' f32 coordinates, about 1 m at 36 degrees.
const MAX_COORDINATE_ERR_DEG: f64 = 1e-5;

fn sentinel(resolution: Resolution) -> Spl2SmapS {
    spl2smap_s::read(real(SENTINEL_GRANULE), resolution).unwrap()
}

#[test]
fn products_are_identified_by_content() {
    assert_eq!(
        identify(real(SENTINEL_GRANULE)).unwrap(),
        Product::Spl2SmapS
    );
    assert_eq!(
        identify(real(RADIOMETER_GRANULE)).unwrap(),
        Product::Spl2Smp
    );
}

#[test]
fn sentinel_granule_has_the_known_counts() {
    let granule = sentinel(Resolution::Km1);
    let counts = |base: &str| granule.fields[base].counts;
    assert_eq!(counts("soil_moisture").valid, 13_860);
    assert_eq!(counts("sigma0_vv_aggregated").valid, 14_390);
    assert_eq!(
        counts("surface_temperature"),
        Counts {
            valid: 38_862,
            missing: 0,
            out_of_range: 26_343
        }
    );
    assert_eq!(counts("vegetation_opacity").out_of_range, 119);
    assert_eq!(counts("disagg_soil_moisture").out_of_range, 2);
    assert_eq!(counts("soil_moisture_std_dev").valid, 0);
    assert_eq!(
        granule.recommended().iter().filter(|&&good| good).count(),
        1_235
    );
    assert_eq!(granule.flags["retrieval_qual_flag"].counts.missing, 51_343);
    for (base, field) in &granule.fields {
        let Counts {
            valid,
            missing,
            out_of_range,
        } = field.counts;
        assert_eq!(valid + missing + out_of_range, 207 * 315, "{base}");
        let present = field.values.iter().filter(|value| !value.is_nan()).count();
        assert_eq!(present, valid, "{base}");
    }
}

#[test]
fn leaked_temperatures_are_refused_with_the_reason() {
    let granule = sentinel(Resolution::Km1);
    let reason = granule.fields["surface_temperature"].out_of_range_reason();
    assert_eq!(
        reason.unwrap(),
        "outside valid range [200, 350] K: -10068.993"
    );
}

#[test]
fn sentinel_arrays_lie_where_the_files_own_coordinates_say() {
    for (resolution, grid, row0, col0, shape) in [
        (Resolution::Km1, EaseGrid2::M01, 2808, 18_198, (207, 315)),
        (Resolution::Km3, EaseGrid2::M03, 936, 6066, (69, 105)),
    ] {
        let granule = sentinel(resolution);
        let window = granule.window();
        assert_eq!(
            window,
            Window::new(grid, row0, col0, shape.0, shape.1).unwrap()
        );
        let (lat, lon) = (&granule.fields["latitude"], &granule.fields["longitude"]);
        for ((row, col), &lat_deg) in lat.values.indexed_iter() {
            let cell = Cell {
                row: row0 + row,
                col: col0 + col,
            };
            let centre = grid.centre(cell).unwrap();
            let lon_deg = lon.values[[row, col]];
            assert!((centre.lat_deg - f64::from(lat_deg)).abs() < MAX_COORDINATE_ERR_DEG);
            assert!((centre.lon_deg - f64::from(lon_deg)).abs() < MAX_COORDINATE_ERR_DEG);
        }
    }
}

#[test]
fn both_resolutions_and_the_alternative_algorithm_are_read() {
    let (km1, km3) = (sentinel(Resolution::Km1), sentinel(Resolution::Km3));
    let names = |granule: &Spl2SmapS| granule.fields.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&km1), names(&km3));
    assert!(km1.fields.contains_key("soil_moisture_apm"));
    assert_eq!(km1.fields["soil_moisture_apm"].units, "m3 m-3");
    assert_eq!(km1.fields["vegetation_water_content"].units, "kg m-2"); // the file says kg/m**3
    assert_eq!(km1.fields["SMAP_Sentinel_overpass_timediff_hr"].units, "h"); // and seconds
}

#[test]
fn surface_flags_are_named_and_words_of_nothing_tried_are_not() {
    let granule = sentinel(Resolution::Km1);
    let flags = &granule.flags["surface_flag"];
    let count = |flag: SentinelSurfaceFlag| {
        let words = flags.values.iter().zip(&flags.valid);
        words
            .filter(|(word, valid)| **valid && flag.is_set_in(**word))
            .count()
    };
    assert_eq!(flags.counts.missing, 45_522);
    assert!(count(SentinelSurfaceFlag::CoastalProximity) > 0);
    assert_eq!(count(SentinelSurfaceFlag::PermanentSnowOrIce), 0);
}

/// The metadata say that the pass ran from 05:41:49 to 05:42:29; cells hold multiples of 32 s.
#[test]
fn overpass_time_agrees_with_the_file_name_within_a_minute() {
    let granule = sentinel(Resolution::Km1);
    let named: vadose_io::GranuleName = SENTINEL_GRANULE.parse().unwrap();
    let difference = granule.time().unwrap().duration_since(named.start);
    assert!(difference.abs().as_secs() <= 60, "{difference:?}");
}

#[test]
fn scene_has_the_channels_of_its_preset_in_their_units() {
    let scene = sentinel(Resolution::Km1).to_scene().unwrap();
    for channel in &vadose_scene::ChannelSet::preset("spl2smap_s").unwrap() {
        assert_eq!(
            scene.field_units(&channel.name),
            Some(channel.units.as_str())
        );
    }
    assert_eq!(scene.window().grid(), EaseGrid2::M01);
    assert_eq!(format!("{}.h5", scene.id()), SENTINEL_GRANULE);
    assert!(scene.time().is_some());
    let observed = scene.field("observed").unwrap();
    assert_eq!(observed.iter().filter(|&&seen| seen == 1.0).count(), 14_390);
    assert_eq!(
        observed.iter().filter(|&&seen| seen == 0.0).count(),
        207 * 315 - 14_390
    );
}

#[test]
fn every_recommended_cell_is_predictable_land() {
    let granule = sentinel(Resolution::Km1);
    let scene = granule.to_scene().unwrap();
    let masks = granule.recommended();
    for (position, &recommended) in masks.indexed_iter() {
        assert!(
            !recommended || scene.predictable()[position],
            "{position:?}"
        );
        assert!(
            !scene.predictable()[position] || scene.land()[position],
            "{position:?}"
        );
    }
    let soil_moisture = scene.field("soil_moisture").unwrap();
    let both = scene.predictable().iter().zip(&soil_moisture);
    assert_eq!(
        both.filter(|(predictable, value)| **predictable && !value.is_nan())
            .count(),
        13_841
    );
}

#[test]
fn scene_of_a_3_km_granule_is_refused() {
    let error = sentinel(Resolution::Km3)
        .to_scene()
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("a scene needs the 1 km group, but the 3 km group was read"),
        "{error}"
    );
}

#[test]
fn half_orbit_has_the_known_counts_and_columns() {
    let orbit = spl2smp::read(real(RADIOMETER_GRANULE)).unwrap();
    assert_eq!(
        (orbit.product(), orbit.grid()),
        (Product::Spl2Smp, EaseGrid2::M36)
    );
    assert_eq!(orbit.cells.len(), 17_245);
    let counts = orbit.fields["soil_moisture"].counts;
    assert_eq!(
        counts,
        Counts {
            valid: 604,
            missing: 16_565,
            out_of_range: 76
        }
    );
    assert_eq!(orbit.fields["bulk_density"].units, "g cm-3");
    assert_eq!(
        orbit.recommended().iter().filter(|&&good| good).count(),
        303
    );
    for rank in ["", "_2", "_3"] {
        assert!(
            orbit
                .classes
                .contains_key(&format!("landcover_class{rank}"))
        );
        assert!(
            orbit
                .fields
                .contains_key(&format!("landcover_class_fraction{rank}"))
        );
    }
    assert!(!orbit.fields.contains_key("tb_time_utc"));
}

#[test]
fn half_orbit_can_keep_what_lies_outside_the_declared_range() {
    let path = real(RADIOMETER_GRANULE);
    let orbit = spl2smp::read_group(path, OrbitGroup::Global, OutOfRange::Keep).unwrap();
    for option in 1..=3 {
        let field = &orbit.fields[&format!("soil_moisture_option{option}")];
        assert_eq!(
            field.values.iter().filter(|value| !value.is_nan()).count(),
            680
        );
        assert_eq!(field.counts.valid + field.counts.out_of_range, 680);
    }
}

#[test]
fn half_orbit_cells_lie_where_the_files_own_coordinates_say() {
    let orbit = spl2smp::read(real(RADIOMETER_GRANULE)).unwrap();
    let (lat, lon) = (
        &orbit.fields["latitude"].values,
        &orbit.fields["longitude"].values,
    );
    for ((&cell, &lat_deg), &lon_deg) in orbit.cells.iter().zip(lat).zip(lon) {
        let centre = orbit.grid().centre(cell).unwrap();
        assert!((centre.lat_deg - f64::from(lat_deg)).abs() < MAX_COORDINATE_ERR_DEG);
        assert!((centre.lon_deg - f64::from(lon_deg)).abs() < MAX_COORDINATE_ERR_DEG);
    }
}

/// `rangeBeginningDateTime` and `rangeEndingDateTime` of the file's metadata.
#[test]
fn half_orbit_times_lie_within_the_orbit_that_the_metadata_state() {
    let orbit = spl2smp::read(real(RADIOMETER_GRANULE)).unwrap();
    let begin = "2015-08-11T03:08:27.816Z".parse().unwrap();
    let end = "2015-08-11T04:01:49.225Z".parse().unwrap();
    for &seconds in orbit.time_seconds.as_ref().unwrap() {
        let time = timestamp_of_j2000_seconds(seconds).unwrap();
        assert!((begin..=end).contains(&time), "{time}");
    }
}

#[test]
fn half_orbit_without_a_polar_group_says_so() {
    let path = real(RADIOMETER_GRANULE);
    let result = spl2smp::read_group(path, OrbitGroup::Polar, OutOfRange::Missing);
    let message = result.unwrap_err().to_string();
    assert!(
        message.ends_with("`Soil_Moisture_Retrieval_Data_Polar` is missing"),
        "{message}"
    );
}

#[test]
fn inspection_of_the_sentinel_granule_has_the_agreed_json() {
    let inspection = inspect(real(SENTINEL_GRANULE)).unwrap();
    let json = serde_json::to_value(&inspection).unwrap();
    assert_eq!(json["product"], "SPL2SMAP_S");
    let group = &json["groups"][0];
    let expected = serde_json::json!({
        "name": "Soil_Moisture_Retrieval_Data_1km", "grid": "M01", "rows": 207, "cols": 315,
        "row0": 2808, "col0": 18_198, "recommended": 1_235
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&group[key], value, "{key}");
    }
    let variable = |name: &str| {
        let variables = group["variables"].as_array().unwrap();
        variables
            .iter()
            .find(|variable| variable["name"] == name)
            .unwrap()
            .clone()
    };
    let soil_moisture = serde_json::json!({
        "name": "soil_moisture_1km", "type": "float32", "units": "m3 m-3", "fill": -9999.0,
        "valid": 13_860, "missing": 51_345,
        "out_of_range": 0, "min": 0.02, "median": variable("soil_moisture_1km")["median"],
        "max": 0.5658114
    });
    assert_eq!(variable("soil_moisture_1km"), soil_moisture);
    let median = soil_moisture["median"].as_f64().unwrap();
    assert!((median - 0.137).abs() < 5e-4, "{median}");
    let temperature = variable("surface_temperature_1km");
    assert_eq!(temperature["out_of_range"], 26_343);
    assert_eq!(
        temperature["out_of_range_reason"],
        "outside valid range [200, 350] K: -10068.993"
    );
    assert_eq!(
        variable("soil_moisture_std_dev_1km")["median"],
        serde_json::Value::Null
    );
    let back: Inspection = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(back, inspection);
}

#[test]
fn inspection_of_a_half_orbit_gives_cells_instead_of_rows() {
    let inspection = inspect(real(RADIOMETER_GRANULE)).unwrap();
    assert_eq!(
        inspection.groups[0].extent,
        Extent::Trajectory { cells: 17_245 }
    );
    let json = serde_json::to_value(&inspection).unwrap();
    let group = json["groups"][0].as_object().unwrap();
    assert_eq!(group["cells"], 17_245);
    assert!(
        ["rows", "cols", "row0", "col0"]
            .iter()
            .all(|key| !group.contains_key(*key))
    );
}

#[test]
fn inspection_tells_people_why_values_were_refused() {
    let text = inspect(real(SENTINEL_GRANULE)).unwrap().to_string();
    let reason = "26343 refused: outside valid range [200, 350] K: -10068.993";
    assert!(text.contains(reason), "{text}");
    assert!(
        text.contains("grid M01, 207 x 315 cells from row 2808, column 18198"),
        "{text}"
    );
}
