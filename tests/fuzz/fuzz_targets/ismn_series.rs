//! Any bytes as a station file, in either format and unit.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vadose_io::ismn::{ReadOptions, SeriesInfo, SoilMoistureUnit, parse_series};

fuzz_target!(|bytes: &[u8]| {
    let info = SeriesInfo::from_path("NET_NET_S_sm_0.050000_0.050000_Probe_20170601_20170630.stm");
    let info = info.expect("the name of a station file");
    for soil_moisture_unit in [SoilMoistureUnit::VolumeFraction, SoilMoistureUnit::Percent] {
        let options = ReadOptions {
            soil_moisture_unit,
            period: None,
        };
        let Ok(series) = parse_series(bytes, &info, &options) else {
            continue;
        };
        let observations = &series.observations;
        assert!(
            observations
                .windows(2)
                .all(|pair| pair[0].time < pair[1].time)
        );
        assert!(observations.iter().all(|one| one.value.abs() <= 1.5));
        assert!(series.position.lat_deg.abs() <= 90.0 && series.position.lon_deg.abs() <= 180.0);
        let n_lines = bytes.split(|byte| b"\r\n".contains(byte)).count() as u64;
        assert!(observations.len() as u64 + series.rejected.total() <= n_lines);
        for observation in observations {
            let has_flag = observation.provider_flag_idx.is_some();
            assert_eq!(series.provider_flag(observation).is_some(), has_flag);
        }
    }
});
