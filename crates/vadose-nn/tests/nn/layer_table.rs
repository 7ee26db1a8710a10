//! The presets, counted layer by layer.

use vadose_nn::{LayerKind, NetworkConfig, NnError, Skip};

#[test]
fn presets_have_the_published_number_of_layers_and_parameters() {
    for (preset, parameters) in [
        ("paper", 53_001),
        ("planar16", 53_025),
        ("additive10", 52_941),
        ("features6", 53_078),
    ] {
        let config = NetworkConfig::preset(preset).unwrap();
        let table = config.layer_table((256, 256)).unwrap();
        assert_eq!(table.len(), 31, "{preset}");
        assert_eq!(
            table.iter().map(|row| row.parameters).sum::<usize>(),
            parameters,
            "{preset}"
        );
        assert_eq!(config.parameter_count().unwrap(), parameters, "{preset}");
        assert!(
            table
                .iter()
                .enumerate()
                .all(|(idx, row)| row.row == idx + 1)
        );
    }
}

#[test]
fn paper_table_is_the_documented_one() {
    use LayerKind::*;
    let table = NetworkConfig::preset("paper")
        .unwrap()
        .layer_table((256, 256))
        .unwrap();
    let rows: Vec<_> = table
        .iter()
        .map(|row| {
            (
                row.kind,
                row.output_shape[0],
                row.output_shape[2],
                row.parameters,
            )
        })
        .collect();
    let want = [
        (Input, 1, 256, 0),
        (Conv, 4, 256, 112),
        (Conv, 4, 256, 436),
        (MaxPool, 4, 128, 0),
        (Conv, 6, 128, 654),
        (Conv, 6, 128, 978),
        (MaxPool, 6, 64, 0),
        (Conv, 8, 64, 1_304),
        (Conv, 8, 64, 1_736),
        (MaxPool, 8, 32, 0),
        (Conv, 14, 32, 3_038),
        (Conv, 14, 32, 5_306),
        (MaxPool, 14, 16, 0),
        (Conv, 20, 16, 7_580),
        (Conv, 20, 16, 10_820),
        (Upsample, 20, 32, 0),
        (Concatenate, 34, 32, 0),
        (Conv, 14, 32, 12_866),
        (Upsample, 14, 64, 0),
        (Concatenate, 22, 64, 0),
        (Conv, 8, 64, 4_760),
        (Upsample, 8, 128, 0),
        (Concatenate, 14, 128, 0),
        (Conv, 6, 128, 2_274),
        (Upsample, 6, 256, 0),
        (Concatenate, 10, 256, 0),
        (Conv, 4, 256, 1_084),
        (Conv, 1, 256, 53),
        (LowPass, 1, 256, 0),
        (AveragePool, 1, 28, 0),
        (Repeat, 1, 256, 0),
    ];
    assert_eq!(rows, want);
    assert_eq!(table[0].output_shape, [1, 13, 256, 256]);
    assert_eq!(table[27].output_shape, [1, 1, 256, 256]);
    assert!(table[..27].iter().all(|row| row.output_shape[1] == 13));
}

#[test]
fn a_spread_head_has_a_second_feature_and_its_parameters() {
    let config = NetworkConfig {
        spread_head: true,
        ..NetworkConfig::default()
    };
    assert_eq!(config.parameter_count().unwrap(), 53_001 + 53);
    let table = config.layer_table((256, 256)).unwrap();
    assert_eq!(table[27].output_shape, [2, 1, 256, 256]);
    // D takes the estimate alone.
    assert_eq!(table[28].output_shape, [1, 1, 256, 256]);
    assert_eq!(table[30].output_shape, [1, 1, 256, 256]);
    assert_eq!(
        config.weight_shapes().unwrap()["head.weight"],
        [2, 4, 13, 1, 1]
    );
}

#[test]
fn kinds_have_stable_names() {
    let table = NetworkConfig::preset("additive10")
        .unwrap()
        .layer_table((64, 32))
        .unwrap();
    let row = serde_json::to_value(&table[16]).unwrap();
    let want = serde_json::json!({
        "row": 17, "name": "decoder.2.add", "kind": "add", "output_shape": [10, 13, 16, 8],
        "parameters": 0,
    });
    assert_eq!(row, want);
    assert_eq!(format!("{:>9}", table[3].kind), "     conv");
}

#[test]
fn weights_are_named_by_level() {
    let shapes = NetworkConfig::preset("paper")
        .unwrap()
        .weight_shapes()
        .unwrap();
    assert_eq!(shapes.len(), 30);
    assert_eq!(shapes["encoder.0.conv.1.weight"], [4, 4, 3, 3, 3]);
    assert_eq!(shapes["decoder.3.conv.0.weight"], [14, 34, 3, 3, 3]);
    assert_eq!(shapes["head.weight"], [1, 4, 13, 1, 1]);
    assert_eq!(shapes["head.bias"], [1]);
}

#[test]
fn configuration_round_trips_and_refuses_unknown_fields() {
    for preset in NetworkConfig::PRESETS {
        let config = NetworkConfig::preset(preset).unwrap();
        let json = serde_json::to_string(&config).unwrap();
        assert!(!json.contains("spread_head"), "files keep their text");
        assert_eq!(
            serde_json::from_str::<NetworkConfig>(&json).unwrap(),
            config
        );
    }
    assert_eq!(
        serde_json::from_str::<NetworkConfig>("{}").unwrap(),
        NetworkConfig::default()
    );
    for unknown in [
        r#"{"width": [4]}"#,
        r#"{"head": {"bounded": {"lower": 0, "uper": 1}}}"#,
    ] {
        assert!(
            serde_json::from_str::<NetworkConfig>(unknown).is_err(),
            "{unknown}"
        );
    }
}

#[test]
fn settings_outside_their_range_are_refused() {
    let with = |change: fn(&mut NetworkConfig)| {
        let mut config = NetworkConfig::default();
        change(&mut config);
        config.check().expect_err("the setting must be refused")
    };
    assert!(matches!(
        with(|c| c.channels = 0),
        NnError::OutOfRange {
            field: "channels",
            ..
        }
    ));
    assert!(matches!(
        with(|c| c.widths.clear()),
        NnError::OutOfRange { .. }
    ));
    assert!(matches!(
        with(|c| c.widths = vec![4; 9]),
        NnError::OutOfRange { .. }
    ));
    assert!(matches!(
        with(|c| c.bottleneck = usize::MAX),
        NnError::OutOfRange { .. }
    ));
    assert!(matches!(
        with(|c| c.kernel[2] = 4),
        NnError::EvenKernel {
            axis: "col",
            kernel: 4
        }
    ));
    assert!(matches!(
        with(|c| c.skip = Skip::Add),
        NnError::AdditiveWidths {
            level: 0,
            width: 4,
            deeper: 6
        }
    ));
    assert!(matches!(
        with(|c| c.head = vadose_nn::Head::Bounded { lower: f64::NAN }),
        NnError::LowerBound { .. }
    ));
    assert!(matches!(
        NetworkConfig::preset("unet"),
        Err(NnError::UnknownPreset { .. })
    ));
}

#[test]
fn a_plane_that_cannot_be_halved_is_refused_by_its_sizes() {
    let error = NetworkConfig::default()
        .layer_table((250, 256))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a plane of 250x256 cells does not fit 4 levels: rows and columns must be positive \
         multiples of 16"
    );
}

#[test]
fn channels_are_depth_or_features() {
    let table = |preset| {
        let config = NetworkConfig::preset(preset).unwrap();
        config.layer_table((256, 256)).unwrap()
    };
    assert_eq!(table("paper")[1].output_shape, [4, 13, 256, 256]);
    assert_eq!(table("features6")[0].output_shape, [13, 1, 256, 256]);
    assert_eq!(table("features6")[1].output_shape, [6, 1, 256, 256]);
    let deep = NetworkConfig {
        kernel: [3, 3, 3],
        ..NetworkConfig::preset("features6").unwrap()
    };
    assert!(matches!(
        deep.check(),
        Err(NnError::FeatureKernel { depth: 3 })
    ));
}
