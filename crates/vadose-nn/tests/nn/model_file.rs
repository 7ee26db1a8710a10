//! Model files: exact round trip, the same bytes, and files that must be refused.

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device, Tensor};
use vadose_nn::{ModelFile, Network, NetworkConfig, NnError};

use crate::{values, wave};

fn model() -> ModelFile {
    let config = NetworkConfig {
        channels: 3,
        ..NetworkConfig::default()
    };
    let (_, variables) = Network::initialised(&config, 9, &Device::Cpu).unwrap();
    let mut model = ModelFile::from_variables(config, &variables);
    model
        .metadata
        .insert("channels".to_owned(), r#"["tb_v", "clay"]"#.to_owned());
    model.metadata.insert("seed".to_owned(), "9".to_owned());
    model
}

fn saved(model: &ModelFile) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model.save(&path).unwrap();
    (folder, path)
}

/// The message with those of its causes.
fn whole_message(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        message += &format!(": {error}");
        source = error.source();
    }
    message
}

#[test]
fn a_model_round_trips_bit_by_bit() {
    let mut model = model();
    // The corners of f32 survive too.
    let corners = [f32::MIN_POSITIVE / 2.0, -0.0, f32::MAX, f32::EPSILON];
    let corners = Tensor::new(&corners, &Device::Cpu).unwrap();
    model
        .weights
        .insert("encoder.0.conv.0.bias".to_owned(), corners);
    let (_folder, path) = saved(&model);
    let loaded = ModelFile::load(&path).unwrap();
    assert_eq!(loaded.config, model.config);
    assert_eq!(loaded.metadata, model.metadata);
    assert!(loaded.weights.keys().eq(model.weights.keys()));
    for (name, weight) in &model.weights {
        let bits = |tensor| {
            values::<f32>(tensor)
                .into_iter()
                .map(f32::to_bits)
                .collect::<Vec<_>>()
        };
        assert_eq!(bits(&loaded.weights[name]), bits(weight), "{name}");
    }
}

#[test]
fn a_model_of_f64_round_trips() {
    let mut model = model();
    for weight in model.weights.values_mut() {
        *weight = wave(weight.dims(), 0.1, 0.3);
    }
    let (_folder, path) = saved(&model);
    let loaded = ModelFile::load(&path).unwrap();
    assert_eq!(loaded.check().unwrap(), DType::F64);
    for (name, weight) in &model.weights {
        assert_eq!(
            values::<f64>(&loaded.weights[name]),
            values::<f64>(weight),
            "{name}"
        );
    }
}

#[test]
fn the_same_model_makes_the_same_file() {
    let (_first, first) = saved(&model());
    let (_second, second) = saved(&model());
    assert!(fs::read(first).unwrap() == fs::read(second).unwrap());
}

#[test]
fn saving_over_a_model_leaves_nothing_else_behind() {
    let (folder, path) = saved(&model());
    model().save(&path).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_loaded_network_gives_the_same_output_and_records_no_graph() {
    let config = NetworkConfig {
        channels: 3,
        ..NetworkConfig::default()
    };
    let (network, variables) = Network::initialised(&config, 9, &Device::Cpu).unwrap();
    let (_folder, path) = saved(&ModelFile::from_variables(config, &variables));
    let loaded = ModelFile::load(&path)
        .unwrap()
        .network(&Device::Cpu)
        .unwrap();
    let x = wave(&[1, 3, 16, 16], 1.0, 0.1)
        .to_dtype(DType::F32)
        .unwrap();
    let (y, loaded_y) = (
        network.forward(&x, None).unwrap(),
        loaded.forward(&x, None).unwrap(),
    );
    assert_eq!(values::<f32>(&loaded_y), values::<f32>(&y));
    assert!(y.track_op() && !loaded_y.track_op());
}

#[test]
fn weights_that_do_not_fit_are_refused_by_name() {
    let refused = |change: fn(&mut ModelFile)| {
        let mut model = model();
        change(&mut model);
        model.check().expect_err("the model must be refused")
    };
    assert!(matches!(
        refused(|model| drop(model.weights.remove("head.bias"))),
        NnError::MissingTensor { tensor } if tensor == "head.bias"
    ));
    assert!(matches!(
        refused(|model| drop(model.weights.insert("tail.bias".to_owned(), wave(&[1], 1.0, 0.0)))),
        NnError::UnknownTensor { tensor } if tensor == "tail.bias"
    ));
    assert!(matches!(
        refused(|model| model.config.widths[0] = 5),
        NnError::TensorShape { .. }
    ));
    assert!(matches!(
        refused(|model| model.config.spread_head = true),
        NnError::TensorShape { tensor, .. } if tensor == "head.bias"
    ));
    assert!(matches!(
        refused(|model| drop(model.weights.insert("head.bias".to_owned(), wave(&[1], 1.0, 0.0)))),
        NnError::TensorDType { tensor, .. } if tensor == "head.bias"
    ));
    assert!(matches!(
        refused(|model| drop(
            model
                .metadata
                .insert("vadose.format".to_owned(), "2".to_owned())
        )),
        NnError::ReservedKey { .. }
    ));
}

fn refused_file(path: &Path, bytes: &[u8]) -> NnError {
    fs::write(path, bytes).unwrap();
    let error = ModelFile::load(path).expect_err("the file must be refused");
    let message = whole_message(&error);
    assert!(message.contains(path.to_str().unwrap()), "{message}");
    error
}

#[test]
fn damaged_and_foreign_files_are_refused_with_their_path() {
    let (folder, path) = saved(&model());
    let whole = fs::read(&path).unwrap();
    let bad = folder.path().join("bad.safetensors");
    for length in [0, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        let error = refused_file(&bad, &whole[..length]);
        assert!(
            matches!(error, NnError::NotSafetensors { .. }),
            "cut to {length}: {error}"
        );
    }
    assert!(matches!(
        refused_file(&bad, b"\x89HDF\r\n\x1a\n rest"),
        NnError::NotSafetensors { .. }
    ));
    assert!(matches!(
        refused_file(&bad, &[&2u64.to_le_bytes()[..], b"{}"].concat()),
        NnError::NotAModel {
            key: "vadose.format",
            ..
        }
    ));

    let header_len = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let header = std::str::from_utf8(&whole[8..8 + header_len]).unwrap();
    let changed = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len(), "the data must stay where they are");
        assert!(header.contains(from), "{from}");
        [
            &whole[..8],
            header.replace(from, to).as_bytes(),
            &whole[8 + header_len..],
        ]
        .concat()
    };
    let version = changed(r#""vadose.format":"1""#, r#""vadose.format":"7""#);
    assert!(matches!(
        refused_file(&bad, &version),
        NnError::ModelFormat { found, .. } if found == "7"
    ));
    let syntax = changed(r#"\"channels\""#, r#"\"chamnels\""#);
    assert!(matches!(
        refused_file(&bad, &syntax),
        NnError::ModelConfigSyntax { .. }
    ));
    let renamed = changed(r#""head.bias""#, r#""feet.bias""#);
    assert!(whole_message(&refused_file(&bad, &renamed)).contains("feet.bias"));
    let reshaped = changed("[1,4,3,1,1]", "[1,3,4,1,1]");
    assert!(whole_message(&refused_file(&bad, &reshaped)).contains("head.weight"));
}

#[test]
fn a_missing_file_is_an_error_that_names_it() {
    let error = ModelFile::load("no/such/model.safetensors").unwrap_err();
    assert!(matches!(&error, NnError::ModelIo { action: "read", .. }));
    assert!(error.to_string().contains("no/such/model.safetensors"));
    let error = model()
        .save("no/such/folder/model.safetensors")
        .unwrap_err();
    assert!(matches!(
        &error,
        NnError::ModelIo {
            action: "write",
            ..
        }
    ));
}
