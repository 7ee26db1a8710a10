//! Plans against names and numbers that are known.

use jiff::civil::date;
use vadose_io::GranuleName;
use vadose_io::imerg::ImergName;

use super::*;

const CONUS: [LatLonDeg; 2] = [
    LatLonDeg {
        lat_deg: 24.5,
        lon_deg: -125.0,
    },
    LatLonDeg {
        lat_deg: 49.5,
        lon_deg: -66.5,
    },
];

fn june(year: i16) -> Period {
    Period {
        first: date(year, 6, 1),
        last: date(year, 6, 30),
        every: 1,
    }
}

fn product<'a>(plan: &'a DownloadPlan, short_name: &str) -> &'a PlannedProduct {
    let mut products = plan.products.iter();
    products.find(|one| one.short_name == short_name).unwrap()
}

#[test]
fn names_are_names_once_the_unknown_parts_are_filled_in() {
    let plan = DownloadPlan::new(CONUS, &[june(2017)], 0).unwrap();
    let filled = |name: &str, parts: &[&str]| {
        parts
            .iter()
            .fold(name.to_owned(), |name, part| name.replacen('*', part, 1))
    };
    for (short_name, parts) in [
        ("SPL2SMP_E", &["12461", "125914", "18290", "001"][..]),
        (
            "SPL2SMAP_S",
            &[
                "1AIWDV",
                "145038",
                "20170601T135648_119W44N",
                "17000",
                "001",
            ],
        ),
        ("SPL4SMGP", &["7032", "001"]),
    ] {
        for name in &product(&plan, short_name).names {
            let name: GranuleName = filled(name, parts).parse().unwrap();
            assert_eq!(name.product.short_name(), short_name);
        }
    }
    for name in &product(&plan, "GPM_3IMERGHH").names {
        assert_eq!(name.parse::<ImergName>().unwrap().to_string(), *name);
    }
}

#[test]
fn the_analysis_is_that_of_6_h_local_solar_time() {
    // 66.3° W to 125.2° W: 10:25 to 14:21 UTC, two means.
    let plan = DownloadPlan::new(CONUS, &[june(2018)], 0).unwrap();
    let names = &product(&plan, "SPL4SMGP").names;
    assert_eq!(names.len(), 60);
    assert_eq!(names[0], "SMAP_L4_SM_gph_20180601T103000_Vv*_*.h5");
    assert_eq!(names[59], "SMAP_L4_SM_gph_20180630T133000_Vv*_*.h5");
}

#[test]
fn precipitation_begins_a_day_before_and_half_hours_are_ordered_once() {
    let plan = DownloadPlan::new(CONUS, &[june(2017)], 0).unwrap();
    let names = &product(&plan, "GPM_3IMERGHH").names;
    // 24 h before 10:24 of the first day, and a quarter of an hour for rounding.
    assert!(
        names[0].contains("20170531-S100000-E102959.0600."),
        "{}",
        names[0]
    );
    assert!(
        names.last().unwrap().contains("20170630-S140000"),
        "{names:?}"
    );
    assert_eq!(names.len(), 30 * 48 + 9);
    let every_third = Period {
        every: 3,
        ..june(2017)
    };
    let plan = DownloadPlan::new(CONUS, &[every_third], 0).unwrap();
    assert_eq!(product(&plan, "GPM_3IMERGHH").granules, 10 * (48 + 9));
}

#[test]
fn the_half_hours_of_lead_days_come_before_and_nothing_else_changes() {
    let [alone, plan] = [0, 29].map(|n| DownloadPlan::new(CONUS, &[june(2017)], n).unwrap());
    assert_eq!((alone.lead_days, plan.lead_days), (0, 29));
    let of = |plan: &DownloadPlan| product(plan, "GPM_3IMERGHH").clone();
    let (alone_half_hours, half_hours) = (of(&alone), of(&plan));
    assert!(half_hours.names.ends_with(&alone_half_hours.names));
    assert_eq!(half_hours.names.len(), 59 * 48 + 9);
    assert!(half_hours.names[0].contains("20170502-S100000"));
    // The catalogue is asked from there on.
    let starts = [&alone_half_hours, &half_hours].map(|product| product.spans[0][0].as_str());
    assert_eq!(starts, ["2017-05-31T09:55:12Z", "2017-05-02T09:55:12Z"]);
    assert_eq!(plan.products[..3], alone.products[..3]);
    assert!(DownloadPlan::new(CONUS, &[june(2017)], 367).is_err());
}

#[test]
fn half_orbits_are_counted_by_the_spacing_of_orbits() {
    let plan = DownloadPlan::new(CONUS, &[june(2017)], 0).unwrap();
    let half_orbits = product(&plan, "SPL2SMP_E");
    assert_eq!(half_orbits.names.len(), 30);
    // 58.5° and a swath of 13.8°, over 24.6°: 2.94 a day.
    assert_eq!(half_orbits.granules, 89);
    assert_eq!(
        plan.bytes,
        plan.products.iter().map(PlannedProduct::bytes).sum::<u64>()
    );
}

#[test]
fn days_without_smap_are_told_and_not_ordered() {
    let plan = DownloadPlan::new(CONUS, &[june(2019)], 0).unwrap();
    assert_eq!(product(&plan, "SPL2SMP_E").names.len(), 18);
    assert_eq!(product(&plan, "SPL4SMGP").names.len(), 60);
    assert!(plan.notes[0].contains("12 of the days"), "{:?}", plan.notes);
    assert!(
        DownloadPlan::new(CONUS, &[june(2017)], 0)
            .unwrap()
            .notes
            .is_empty()
    );
    let early = DownloadPlan::new(CONUS, &[june(2014)], 0).unwrap();
    assert_eq!((early.products[0].granules, early.notes.len()), (0, 1));
}

#[test]
fn boxes_that_are_none_are_refused() {
    let [south_west, north_east] = CONUS;
    let north = LatLonDeg {
        lat_deg: 89.0,
        ..north_east
    };
    let nowhere = LatLonDeg {
        lat_deg: f64::NAN,
        ..north_east
    };
    for corners in [
        [north_east, south_west],
        [south_west, south_west],
        [south_west, north],
        [south_west, nowhere],
    ] {
        let error = DownloadPlan::new(corners, &[june(2017)], 0).unwrap_err();
        assert!(
            matches!(error, CubeError::Config { key: "bbox", .. }),
            "{error}"
        );
    }
    assert!(DownloadPlan::new(CONUS, &[], 0).is_err());
}

#[test]
fn text_and_json_tell_the_same_sizes() {
    let plan = DownloadPlan::new(CONUS, &[june(2017), june(2018)], 0).unwrap();
    let text = plan.to_string();
    for word in [
        "SPL2SMP_E",
        "ISMN",
        "clay_0-5cm_mean",
        "LC_Type1",
        "approximate",
    ] {
        assert!(text.contains(word), "{word} is not in {text}");
    }
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json["bytes"], plan.bytes);
    assert_eq!(json["products"][2]["names"].as_array().unwrap().len(), 120);
}
