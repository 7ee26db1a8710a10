//! Products: schema names, water, disaggregation means, flags, and how well a pass follows stations.

use jiff::{SignedDuration, Timestamp};
use vadose_io::flags::{NOTHING_TRIED_RETRIEVAL, RadiometerSurfaceFlag};
use vadose_io::{Product, Resolution};

use super::*;
use crate::draw;
use crate::orbit::{Platform, Scene, SmapPass};
use crate::radar::{RadarConfig, Sigma0Maps};
use crate::radiometer::{RadiometerConfig, TbMaps};
use crate::test_ground::{TestGround, correlation};

const SEED: u64 = 42;

fn radiometer() -> Radiometer {
    RadiometerConfig::default().build(SEED).unwrap()
}

fn processor(config: ProductConfig) -> Processor {
    config.build(radiometer(), SEED).unwrap()
}

fn exact() -> ProductConfig {
    ProductConfig {
        ancillary: AncillaryConfig {
            clay_fraction_std: 0.0,
            bulk_density_std_g_cm3: 0.0,
            vwc_log_std: 0.0,
            temperature_std_kelvin: 0.0,
            water_log_std: 0.0,
        },
        ..ProductConfig::default()
    }
}

/// A pass that sees all but the westernmost column.
fn pass(test: &TestGround, day: u32) -> SmapPass {
    let start: Timestamp = "2018-06-01T11:50:00Z".parse().unwrap();
    let window = test
        .layers
        .window
        .coarsened(vadose_grid::EaseGrid2::M09)
        .unwrap();
    let mut seconds = Array2::from_elem(window.shape(), 600.0);
    seconds.column_mut(0).fill(f32::NAN);
    SmapPass {
        orbit: 17_000 + 15 * day,
        start: start + SignedDuration::from_hours(24 * i64::from(day)),
        window,
        seconds,
    }
}

fn scene(test: &TestGround) -> Scene {
    let window = test.layers.window;
    let mut incidence_deg = Array2::from_elem(window.shape(), 40.0);
    // The eastern third is not covered.
    for mut row in incidence_deg.outer_iter_mut() {
        row.iter_mut()
            .skip(2 * window.cols() / 3)
            .for_each(|angle| *angle = f32::NAN);
    }
    Scene {
        platform: Platform::A,
        orbit: 22_150,
        relative_orbit: 20,
        start: "2018-06-01T11:20:00Z".parse().unwrap(),
        window,
        incidence_deg,
    }
}

fn coarse_product(test: &TestGround, config: ProductConfig) -> (SmapPass, TbMaps, ProductMaps) {
    let pass = pass(test, 0);
    let observed = radiometer().observe(&test.ground(), &pass).unwrap();
    let maps = processor(config)
        .radiometer_product(&test.ground(), &pass, &observed)
        .unwrap();
    (pass, observed, maps)
}

fn sentinel_product(test: &TestGround) -> (Sigma0Maps, ProductMaps, SentinelProduct) {
    let (pass, _, coarse) = coarse_product(test, ProductConfig::default());
    let scene = scene(test);
    let radar = RadarConfig::default().build(SEED).unwrap();
    let sigma0 = radar.observe(&test.ground(), &scene).unwrap();
    let product = processor(ProductConfig::default())
        .sentinel_product(&test.ground(), &scene, &sigma0, &pass, &coarse)
        .unwrap()
        .expect("SMAP sees the scene");
    (sigma0, coarse, product)
}

/// Every name is in the schema, and every value in its valid range.
fn assert_in_schema(maps: &ProductMaps, group: &vadose_io::schema::GroupSpec) {
    for (name, field) in &maps.quantities {
        let spec = group.variable(name).unwrap_or_else(|| panic!("{name}"));
        let [low, high] = spec.valid_range.unwrap();
        let n_valid = field.iter().filter(|value| value.is_finite()).count();
        assert!(n_valid > 0, "{name} is missing everywhere");
        for value in field.iter().filter(|value| value.is_finite()) {
            assert!((low..=high).contains(&f64::from(*value)), "{name} {value}");
        }
    }
    let others = maps.times.keys().chain(maps.flags.keys());
    for name in others
        .chain(maps.classes.keys())
        .chain(maps.class_fractions.keys())
    {
        assert!(group.variable(name).is_some(), "{name}");
    }
}

#[test]
fn the_radiometer_product_fills_the_schema_inside_the_swath() {
    let test = TestGround::new(90, 90);
    let (_, observed, maps) = coarse_product(&test, ProductConfig::default());
    let group = &Product::Spl2SmpE.groups()[0];
    let mut maps_in_range = maps.clone();
    // Porosity is the bound of a retrieval, 0.5 the range that the schema states; NASA's own
    // values exceed it.
    for name in [
        "soil_moisture",
        "soil_moisture_option1",
        "soil_moisture_option2",
        "soil_moisture_option3",
    ] {
        let field = maps_in_range.quantities.get_mut(name).unwrap();
        field.mapv_inplace(|moisture| moisture.min(0.5));
    }
    assert_in_schema(&maps_in_range, group);
    let moisture = &maps.quantities["soil_moisture"];
    assert!(moisture.column(0).iter().all(|m| m.is_nan()));
    assert!(
        maps.times["tb_time_seconds"]
            .column(0)
            .iter()
            .all(|time| time.is_nan())
    );
    assert!(
        maps.flags["retrieval_qual_flag"]
            .column(0)
            .iter()
            .all(|word| *word == 15)
    );
    let n_retrieved = moisture.iter().filter(|m| m.is_finite()).count();
    assert!(n_retrieved > 80, "{n_retrieved}");
    let uncorrected = &maps.quantities["tb_v_uncorrected"];
    assert_eq!(uncorrected[[4, 4]], observed.tb_v_kelvin[[4, 4]]);
}

#[test]
fn water_correction_takes_the_water_out_where_its_share_is_known() {
    let mut wet = TestGround::new(90, 90);
    wet.layers.water_fraction.fill(0.1);
    let quiet = RadiometerConfig {
        noise_kelvin: 0.0,
        ..RadiometerConfig::default()
    };
    let radiometer = quiet.build(SEED).unwrap();
    let mut dry = TestGround::new(90, 90);
    dry.layers.water_fraction.fill(0.0);
    let pass = pass(&wet, 0);
    let processor = exact().build(radiometer, SEED).unwrap();
    let product = |test: &TestGround| {
        let observed = radiometer.observe(&test.ground(), &pass).unwrap();
        processor
            .radiometer_product(&test.ground(), &pass, &observed)
            .unwrap()
    };
    let (wet, dry) = (product(&wet), product(&dry));
    for name in ["tb_h_corrected", "tb_v_corrected"] {
        let difference = &wet.quantities[name] - &dry.quantities[name];
        // The temperature of the water varies inside the footprint, and only its mean is known.
        assert!(
            difference.iter().all(|d| d.is_nan() || d.abs() < 0.5),
            "{difference}"
        );
    }
    let drop = &dry.quantities["tb_v_uncorrected"] - &wet.quantities["tb_v_uncorrected"];
    assert!(drop.iter().all(|d| d.is_nan() || *d > 8.0));
    assert!(RadiometerSurfaceFlag::StaticWater.is_set_in(wet.flags["surface_flag"][[5, 5]]));
}

#[test]
fn the_sentinel_product_fills_the_schema_at_both_resolutions() {
    let test = TestGround::new(90, 90);
    let (sigma0, _, product) = sentinel_product(&test);
    for (maps, resolution) in [
        (&product.km1, Resolution::Km1),
        (&product.km3, Resolution::Km3),
    ] {
        let mut maps = maps.clone();
        // Opacity above 1 is beyond the range that the schema states, as in the real granule, and
        // so are the warmest of the disaggregated temperatures.
        for (name, most) in [("vegetation_opacity", 1.0), ("tb_v_disaggregated", 330.0)] {
            let field = maps.quantities.get_mut(name).unwrap();
            field.mapv_inplace(|value| value.min(most));
        }
        assert_in_schema(&maps, resolution.group());
        let tried = maps.flags["retrieval_qual_flag"]
            .iter()
            .filter(|w| **w != NOTHING_TRIED_RETRIEVAL);
        let share = tried.count() as f64 / maps.flags["retrieval_qual_flag"].len() as f64;
        assert!((0.3..0.7).contains(&share), "{share}");
    }
    assert_eq!(
        product.km1.quantities["sigma0_vv_aggregated"][[7, 7]],
        sigma0.vv[[7, 7]]
    );
    let block: f32 = (0..3)
        .flat_map(|row| (0..3).map(move |col| [30 + row, 21 + col]))
        .map(|at| sigma0.vv[at])
        .sum();
    let mean = product.km3.quantities["sigma0_vv_aggregated"][[10, 7]];
    assert!((mean - block / 9.0).abs() < 1e-6);
}

#[test]
fn disaggregated_temperatures_average_to_the_coarse_one() {
    /// Rounding of single precision, K.
    const ROUNDING_KELVIN: f64 = 1e-3;
    let test = TestGround::new(90, 90);
    let (_, coarse, product) = sentinel_product(&test);
    let mut spread = 0.0_f32;
    for (row, col) in [(2, 2), (5, 3), (7, 5)] {
        let expected = coarse.quantities["tb_v_corrected"][[row, col]];
        for (maps, n) in [(&product.km1, 9), (&product.km3, 3)] {
            let tb = &maps.quantities["tb_v_disaggregated"];
            let fine = (0..n * n).map(|idx| tb[[row * n + idx / n, col * n + idx % n]]);
            let mean = fine.clone().map(f64::from).sum::<f64>() / (n * n) as f64;
            assert!(
                (mean - f64::from(expected)).abs() < ROUNDING_KELVIN,
                "{mean} {expected}"
            );
            spread = fine.fold(spread, |most, tb| most.max((tb - expected).abs()));
        }
    }
    assert!(spread > 3.0, "{spread}");
}

#[test]
fn a_scene_that_smap_does_not_see_makes_no_granule() {
    let test = TestGround::new(45, 45);
    let (mut pass, observed, _) = coarse_product(&test, ProductConfig::default());
    pass.seconds.fill(f32::NAN);
    let processor = processor(ProductConfig::default());
    let coarse = processor
        .radiometer_product(&test.ground(), &pass, &observed)
        .unwrap();
    let scene = scene(&test);
    let radar = RadarConfig::default().build(SEED).unwrap();
    let sigma0 = radar.observe(&test.ground(), &scene).unwrap();
    let product = processor.sentinel_product(&test.ground(), &scene, &sigma0, &pass, &coarse);
    assert_eq!(product.unwrap(), None);
}

#[test]
fn settings_are_checked() {
    let mut config = ProductConfig::default();
    config.ancillary.vwc_log_std = -1.0;
    assert!(config.build(radiometer(), 1).is_err());
    config = ProductConfig::default();
    config.limits.flagged_water = 2.0;
    assert!(config.build(radiometer(), 1).is_err());
}

/// Median over stations of the temporal correlation of SCA-V and DCA with a point, over 60 days of
/// moisture that varies with the region (deviation 0.035 m3 m-3) and beside it from cell to cell
/// (0.03), the point with 0.02 of its own.
fn temporal_correlation(seed: u64) -> [f64; 2] {
    const REGION_STD: f32 = 0.035;
    const CELL_STD: f32 = 0.03;
    const POINT_STD: f32 = 0.02;
    const LAG_1: f32 = 0.82;
    const CELLS: usize = 72;
    let mut test = TestGround::new(CELLS, CELLS);
    test.layers.water_fraction.fill(0.0);
    let radiometer = RadiometerConfig::default().build(seed).unwrap();
    let processor = ProductConfig::default().build(radiometer, seed).unwrap();
    let base = test.soil_moisture.mapv(|m| m.clamp(0.13, 0.28));
    let step = |value: f32, shock: f32| LAG_1 * value + (1.0 - LAG_1 * LAG_1).sqrt() * shock;
    let mut region = draw::normal(700 + seed, 0, 0, -1);
    let mut cells = Array2::from_shape_fn(base.dim(), |(row, col)| {
        draw::normal(7_100 + seed, row as i64, col as i64, -1)
    });
    let mut days = Vec::new();
    for day in 0..60 {
        region = step(region, draw::normal(700 + seed, 0, 0, day));
        cells.indexed_iter_mut().for_each(|((row, col), value)| {
            *value = step(
                *value,
                draw::normal(7_100 + seed, row as i64, col as i64, day),
            );
        });
        test.soil_moisture = &base + &(&cells * CELL_STD) + REGION_STD * region;
        test.soil_moisture.mapv_inplace(|m| m.max(0.02));
        let pass = pass(&test, day as u32);
        let observed = radiometer.observe(&test.ground(), &pass).unwrap();
        let maps = processor
            .radiometer_product(&test.ground(), &pass, &observed)
            .unwrap();
        days.push((
            test.soil_moisture.clone(),
            ["soil_moisture_option2", "soil_moisture_option3"]
                .map(|name| maps.quantities[name].clone()),
        ));
    }
    [0, 1].map(|option: usize| {
        let mut found = Vec::new();
        for (row, col) in (0..CELLS).flat_map(|row| (9..CELLS).map(move |col| (row, col))) {
            if row % 7 != 0 || col % 7 != 0 {
                continue;
            }
            let pairs = days.iter().zip(0..).map(|((truth, maps), day)| {
                let own = draw::normal(72_000 + seed, row as i64, col as i64, day);
                let point = truth[[row, col]] + POINT_STD * own;
                (
                    f64::from(maps[option][[row / 9, col / 9]]),
                    f64::from(point),
                )
            });
            let pairs = pairs.filter(|(retrieved, _)| retrieved.is_finite());
            found.push(correlation(pairs));
        }
        found.retain(|r| r.is_finite());
        found.sort_by(f64::total_cmp);
        found[found.len() / 2]
    })
}

#[test]
fn a_coarse_retrieval_follows_stations_as_real_ones_do() {
    let found: Vec<[f64; 2]> = (0..12).map(temporal_correlation).collect();
    let [sca_v, dca] = crate::test_ground::mean_of_pairs(&found);
    assert!((0.5..0.7).contains(&sca_v), "SCA-V {sca_v}");
    assert!((0.5..0.7).contains(&dca), "DCA {dca}");
}

#[test]
fn one_thread_and_many_make_the_same_product() {
    let moisture = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        let (_, _, product) = pool.install(|| sentinel_product(&TestGround::new(45, 45)));
        product.km1.quantities["soil_moisture"].mapv(f32::to_bits)
    };
    assert_eq!(moisture(1), moisture(3));
}
