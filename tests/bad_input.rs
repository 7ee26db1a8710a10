//! Damaged, foreign and unfit input: one clear message with path, dataset and reason, the right exit
//! code, no panic, and no half-written output.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ndarray::Array2;
use vadose_tests::Run;
use vadose_tests::granule::{self, GROUP_1KM, SPL2SMAP_S};
use vadose_tests::program::{self, command, vadose};
use vadose_tests::training::{self, SmallRun};

/// The user and group `nobody`, who has no right to another's files.
const NOBODY: u32 = 65_534;

/// A copy of the real 1 km granule that a test may damage.
fn copy_of_granule(folder: &Path) -> PathBuf {
    let copy = folder.join(SPL2SMAP_S);
    fs::write(&copy, fs::read(granule::path(SPL2SMAP_S)).unwrap()).unwrap();
    copy
}

fn inspect(path: &Path) -> Run {
    Run::of(command().arg("inspect").arg(path).arg("--json"))
}

/// Every file of a folder, also of one that does not exist.
fn files(folder: &Path) -> Vec<PathBuf> {
    if folder.is_dir() {
        xtask::workspace::files_below(folder).unwrap()
    } else {
        Vec::new()
    }
}

fn assert_names(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

#[test]
fn a_truncated_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of_granule(folder.path());
    fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(1_000_000)
        .unwrap();
    let run = inspect(&path);
    assert_names(run.message(1), &[SPL2SMAP_S, "truncated"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn an_hdf5_file_that_is_no_smap_product_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weather.h5");
    let file = hdf5::File::create(&path).unwrap();
    file.new_dataset_builder()
        .with_data(&[1.0_f32, 2.0])
        .create("rainfall")
        .unwrap();
    file.close().unwrap();
    let run = inspect(&path);
    assert_names(run.message(1), &["weather.h5", "SMAP", "rainfall"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn a_missing_dataset_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of_granule(folder.path());
    let file = hdf5::File::open_rw(&path).unwrap();
    file.group(GROUP_1KM)
        .unwrap()
        .unlink("EASE_row_index_1km")
        .unwrap();
    file.close().unwrap();
    let small = SmallRun::prepare_with(folder.path(), &path);
    let run = small.train();
    assert_names(
        run.message(1),
        &[SPL2SMAP_S, "EASE_row_index_1km", "missing"],
    );
    assert_eq!(files(&small.output()), [] as [PathBuf; 0]);
}

#[test]
fn a_granule_whose_soil_moisture_is_all_fill_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of_granule(folder.path());
    let shape = granule::field_1km::<f32>(&path, "soil_moisture").dim();
    let file = hdf5::File::open_rw(&path).unwrap();
    let dataset = file
        .dataset(&format!("{GROUP_1KM}/soil_moisture_1km"))
        .unwrap();
    dataset
        .write(&Array2::from_elem(shape, -9999.0_f32))
        .unwrap();
    drop(dataset); // an open dataset would keep the file locked
    file.close().unwrap();
    let small = SmallRun::prepare_with(folder.path(), &path);
    let run = small.train();
    assert_names(
        run.message(1),
        &[SPL2SMAP_S, "soil_moisture_1km", "no valid"],
    );
    assert_eq!(files(&small.output()), [] as [PathBuf; 0]);
}

#[test]
fn leaked_fill_temperatures_are_counted_with_the_reason() {
    let path = granule::path(SPL2SMAP_S);
    let temperatures = granule::field_1km::<f32>(&path, "surface_temperature");
    assert_eq!(
        temperatures
            .iter()
            .filter(|value| **value < -10_000.0)
            .count(),
        26_343
    );

    let run = vadose(["inspect".into(), path.into_os_string()]).succeeded();
    let reason = "26343 refused: outside valid range [200, 350] K: -10068.993";
    assert_names(
        &run.stdout,
        &[SPL2SMAP_S, "surface_temperature_1km", reason],
    );
}

#[test]
fn a_file_without_read_permission_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of_granule(folder.path());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let run = if fs::File::open(&path).is_err() {
        inspect(&path)
    } else {
        // Root may read everything, so the program is run by somebody who is not root.
        let program = folder.path().join("vadose");
        fs::copy(program::path(), &program).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = Command::new(program);
        command
            .arg("inspect")
            .arg(&path)
            .arg("--json")
            .current_dir(folder.path());
        Run::of(command.uid(NOBODY).gid(NOBODY))
    };
    assert_names(run.message(1), &[SPL2SMAP_S, "ermission denied"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn an_unknown_configuration_key_is_refused_with_the_nearest_known_one() {
    let folder = tempfile::tempdir().unwrap();
    let small = SmallRun::prepare(folder.path());
    let text = training::config(&granule::path(SPL2SMAP_S)).replace("epochs =", "epoch =");
    small.write_config(&text);
    let run = small.train();
    assert_names(
        run.message(2),
        &["config.toml", "line 10", "\"epoch\"", "\"epochs\""],
    );
    assert_eq!(files(&small.output()), [] as [PathBuf; 0]);
}

#[test]
fn a_model_whose_channels_do_not_match_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let small = SmallRun::prepare(folder.path());
    let _ = small.train().succeeded();
    let model = folder.path().join("other.safetensors");
    fs::write(
        &model,
        with_channel_renamed(fs::read(small.model()).unwrap()),
    )
    .unwrap();

    let maps = folder.path().join("maps");
    let mut predict = command();
    predict
        .arg("predict")
        .arg(&model)
        .arg(granule::path(SPL2SMAP_S))
        .arg("--output")
        .arg(&maps);
    let run = Run::of(&mut predict);
    assert_names(run.message(1), &[SPL2SMAP_S, "tb_q"]);
    assert_eq!(files(&maps), [] as [PathBuf; 0]);
}

/// The model, as if trained on a channel `tb_q` that no granule has. The new name is as long as the
/// old one, so the header keeps its length.
fn with_channel_renamed(mut model: Vec<u8>) -> Vec<u8> {
    let length = u64::from_le_bytes(model[..8].try_into().unwrap());
    let end = 8 + usize::try_from(length).unwrap();
    let header = String::from_utf8(model[8..end].to_vec()).unwrap();
    assert!(header.contains("tb_v"), "{header}");
    model[8..end].copy_from_slice(header.replace("tb_v", "tb_q").as_bytes());
    model
}
