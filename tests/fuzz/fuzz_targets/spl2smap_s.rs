//! Any bytes as a scene of SPL2SMAP_S.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vadose_io::{Resolution, spl2smap_s};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let name = "SMAP_L2_SM_SP_1AIWDV_20170601T145038_20170601T135648_119W44N_R17000_001.h5";
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("room for a small file");
    for resolution in [Resolution::Km1, Resolution::Km3] {
        if let Ok(scene) = spl2smap_s::read(&path, resolution) {
            for field in scene.fields.values() {
                assert_eq!(field.values.dim(), scene.window().shape());
            }
        }
    }
});
