//! A program outside the workspace uses the facade with its default features, on a machine without a
//! single C library of ours.

#![allow(clippy::unwrap_used, reason = "this file is all test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vadose_tests::Run;
use vadose_tests::program::cargo;
use xtask::workspace;

/// Shared libraries that only optional features may bring.
const C_LIBRARIES: [&str; 5] = ["libgdal", "libhdf5", "libnetcdf", "libproj", "libsqlite3"];
/// Variables by which the -sys crates find a library without pkg-config.
const LIBRARY_HINTS: [&str; 5] = [
    "HDF5_DIR",
    "NETCDF_DIR",
    "GDAL_HOME",
    "GDAL_LIB_DIR",
    "PKG_CONFIG_SYSROOT_DIR",
];

/// A crate of its own: our example as its `main.rs`, our lock file and release profile so that the
/// dependencies that this target folder holds already fit.
fn write_crate(folder: &Path) {
    let root = workspace::root();
    let manifest: toml::Table = workspace::read(&root.join("Cargo.toml"))
        .unwrap()
        .parse()
        .unwrap();
    let dependencies = &manifest["workspace"]["dependencies"];
    let mut embedding = toml::toml! {
        [package]
        name = "embedding"
        version = "0.0.0"
        edition = "2024"
        publish = false
        [workspace]
    };
    let mut wanted = toml::Table::new();
    wanted.insert(
        "vadose".into(),
        path_dependency(&root.join("crates/vadose")),
    );
    wanted.insert("ndarray".into(), dependencies["ndarray"].clone());
    embedding.insert("dependencies".into(), wanted.into());
    embedding.insert("profile".into(), manifest["profile"].clone());

    fs::create_dir(folder.join("src")).unwrap();
    fs::write(folder.join("Cargo.toml"), embedding.to_string()).unwrap();
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("embedding/main.rs");
    fs::copy(example, folder.join("src/main.rs")).unwrap();
}

fn path_dependency(path: &Path) -> toml::Value {
    toml::Table::from_iter([("path".to_owned(), path.display().to_string().into())]).into()
}

/// Builds the crate where pkg-config knows nothing; gives the program.
fn build(folder: &Path) -> PathBuf {
    let nothing = folder.join("no-libraries");
    fs::create_dir(&nothing).unwrap();
    let mut build = cargo();
    build.args([
        "build",
        "--release",
        "--offline",
        "--message-format=json-render-diagnostics",
    ]);
    build
        .current_dir(folder)
        .env("PKG_CONFIG_PATH", &nothing)
        .env("PKG_CONFIG_LIBDIR", &nothing);
    for variable in LIBRARY_HINTS {
        build.env_remove(variable);
    }
    let run = Run::of(&mut build).succeeded();
    let messages = run
        .stdout
        .lines()
        .map(serde_json::from_str::<serde_json::Value>);
    let program = messages
        .filter_map(Result::ok)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from));
    program.expect("cargo names the program that it built")
}

#[test]
fn a_program_outside_the_workspace_trains_and_predicts_without_a_c_library() {
    let folder = tempfile::tempdir().unwrap();
    write_crate(folder.path());
    let program = build(folder.path());

    let libraries = Run::of(Command::new("ldd").arg(&program))
        .succeeded()
        .stdout;
    for library in C_LIBRARIES {
        assert!(
            !libraries.contains(library),
            "{library} is linked:\n{libraries}"
        );
    }
    let run = Run::of(&mut Command::new(&program)).succeeded();
    assert!(run.stdout.contains("mean soil moisture"), "{run:#?}");
    fs::remove_file(program).unwrap();
}

#[test]
fn the_example_stays_as_short_as_it_is_said_to_be() {
    let example = include_str!("embedding/main.rs");
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let n_lines = example.lines().filter(is_code).count();
    assert!(n_lines <= 40, "{n_lines} lines of code"); // 30 of them in `main`
}
