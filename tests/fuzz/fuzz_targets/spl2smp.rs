//! Any bytes as a half orbit of SPL2SMP or SPL2SMP_E.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vadose_io::spl2smp;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder
        .path()
        .join("SMAP_L2_SM_P_E_12461_D_20170601T125914_R18290_001.h5");
    std::fs::write(&path, bytes).expect("room for a small file");
    let _ = vadose_io::inspect(&path);
    if let Ok(orbit) = spl2smp::read(&path) {
        for field in orbit.fields.values() {
            assert_eq!(field.values.len(), orbit.cells.len());
        }
    }
});
